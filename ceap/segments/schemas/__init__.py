"""The wire of segments, in and out apart."""

from ceap.segments.schemas.comparing import (
    ComparedOut,
    ComparisonIn,
    ComparisonOut,
    PairOut,
    RegionOut,
)
from ceap.segments.schemas.history import (
    DayMembersOut,
    RuleChangeOut,
    RuleDifferenceOut,
    RuleUploadOut,
    SegmentDayOut,
    SegmentHistoryOut,
    SegmentPerformanceOut,
    SegmentSliceOut,
)
from ceap.segments.schemas.lists import (
    IdListMatchIn,
    IdListMissingOut,
    IdListOut,
    SegmentUploadIn,
    StaticSegmentIn,
)
from ceap.segments.schemas.members import (
    MemberExportIn,
    MemberExportOut,
    MemberList,
    MemberOut,
    SegmentNameOut,
    SegmentsWithOut,
)
from ceap.segments.schemas.rules import (
    ConditionSeenOut,
    MemberVerdictOut,
    RuleBehaviourOut,
    RuleChoiceOut,
    RuleChoicesOut,
    RuleFieldOut,
    RuleFilterOut,
    RuleIn,
    RuleLimitsOut,
    RuleMenuOut,
    RuleMomentOut,
    RuleMomentsOut,
    RuleOperatorOut,
    RulePreviewOut,
    RuleSentenceOut,
    RuleStartOut,
    RuleSuggestionOut,
    RuleVerdictOut,
    RuleWhyIn,
    SegmentWaterfallOut,
    WaterfallStepOut,
)
from ceap.segments.schemas.segments import (
    MembershipVersionList,
    MembershipVersionOut,
    SegmentAllowedOut,
    SegmentChange,
    SegmentIn,
    SegmentList,
    SegmentOut,
    SegmentReachOut,
    SegmentRow,
    SegmentUseList,
    SegmentUseOut,
    SegmentUserOut,
)

__all__ = [
    "ComparedOut", "ComparisonIn", "ComparisonOut", "ConditionSeenOut", "DayMembersOut", "IdListMatchIn",
    "IdListMissingOut", "IdListOut", "MemberExportIn", "MemberExportOut", "MemberList", "MemberOut",
    "MemberVerdictOut", "MembershipVersionList", "MembershipVersionOut", "PairOut", "RegionOut", "RuleBehaviourOut",
    "RuleChangeOut", "RuleChoiceOut", "RuleChoicesOut", "RuleDifferenceOut", "RuleFieldOut", "RuleFilterOut",
    "RuleIn", "RuleLimitsOut", "RuleMenuOut", "RuleMomentOut", "RuleMomentsOut", "RuleOperatorOut",
    "RulePreviewOut", "RuleSentenceOut", "RuleStartOut", "RuleSuggestionOut", "RuleUploadOut", "RuleVerdictOut",
    "RuleWhyIn", "SegmentAllowedOut", "SegmentChange", "SegmentDayOut", "SegmentHistoryOut", "SegmentIn",
    "SegmentList", "SegmentNameOut", "SegmentOut", "SegmentPerformanceOut", "SegmentReachOut", "SegmentRow",
    "SegmentSliceOut", "SegmentUploadIn", "SegmentUseList", "SegmentUseOut", "SegmentUserOut",
    "SegmentWaterfallOut", "SegmentsWithOut", "StaticSegmentIn", "WaterfallStepOut",
]  # fmt: skip
