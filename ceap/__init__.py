"""CEAP: the Customer Engagement & Action Platform."""
