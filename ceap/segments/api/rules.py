"""Rules that are not saved yet: counted, said in words, tried on one customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ceap.accounts.authentication import actor
from ceap.kit.gone import gone
from ceap.segments import queries, schemas, sentences, sources
from ceap.segments.api import rows
from ceap.segments.api.router import router


@router.post("/preview", response=schemas.RulePreviewOut)
def preview(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """Exact counts of a rule, per condition and in all, and a few of the customers."""
    found = queries.preview(actor(request), body.rule, gone(request))
    return found.__dict__ | {"sample": rows.people(actor(request), found.sample)}


@router.post("/waterfall", response=schemas.SegmentWaterfallOut)
def waterfall(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """How many of those whom a rule selects could be emailed now, step by step."""
    return rows.waterfall(queries.waterfall_of_rule(actor(request), body.rule, gone(request)))


@router.post("/sentence", response=schemas.RuleSentenceOut)
def sentence(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """Check a rule and say it in words."""
    actor(request).require(queries.KEY)
    checked = queries.checked(body.rule, actor(request))
    return {"sentence": sentences.sentence(checked, sources.context().users)}


@router.post("/why", response=schemas.RuleVerdictOut)
def why(request: HttpRequest, body: schemas.RuleWhyIn) -> Any:
    """Test one customer against a rule: each condition with the value seen."""
    return rows.verdict(actor(request), queries.why(actor(request), body.rule, body.customer))
