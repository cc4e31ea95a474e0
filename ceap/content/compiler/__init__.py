"""From a template as edited to the Liquid that is rendered for every recipient: pure, no database."""
