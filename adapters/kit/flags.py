"""Quality flags: what was odd about a record that is published all the same."""

from dataclasses import dataclass, field

FLAGS: dict[str, str] = {
    "address.no_fixed_abode": "The address says that there is none.",
    "batch.no_trailer": "The batch has a header and no trailer; its last message may be incomplete.",
    "birth_date.unknown": "No birth date and no expected date; the child's age is unknown.",
    "birth_date.unreadable": "The birth date could not be read.",
    "boolean.unreadable": "A yes-or-no value could not be read.",
    "child.may_be_adult": "The dates leave open whether the person was under 18.",
    "code.unknown": "A code is not in the published list; it is passed on as it came.",
    "change.not_compared": "No earlier state is known to compare with; the address is treated as new.",
    "date.in_future": "A date lies after the day of reading.",
    "date.out_of_order": "Dates stand in an order that cannot be.",
    "date.unreadable": "A date could not be read; it was left out.",
    "encoding.cp1252": "The file is not UTF-8; it was read as Windows-1252.",
    "encoding.utf16": "The file is UTF-16, read as such.",
    "death.date_missing": "The death has no date; the day of the message was taken.",
    "identifier.la_child_id.failed": "The authority's own id of the child is not in the census's form.",
    "identifier.nhs_number.failed": "The NHS number fails its check digit.",
    "identifier.upn.failed": "The UPN fails its check letter.",
    "identifier.missing": "The record holds no identifier that another agency knows.",
    "message.id_missing": "The message has no id of its own.",
    "name.missing": "The record holds no name.",
    "nhs_number.not_ten_digits": "The NHS number does not have ten digits.",
    "number.unreadable": "A number could not be read; it was left out.",
    "plan.end_withdrawn": "A protection plan told as ended is open again.",
    "row.ragged": "The row has more or fewer cells than the header.",
    "sex.unknown_code": "The sex code is not in the published list.",
    "text.shortened": "A text was longer than the contract allows and was cut.",
    "text.stray": "Text stands where only elements belong.",
    "time.ambiguous": "A local time without a zone falls in the hour repeated in October; the first was taken.",
    "time.date_only": "Only a day is known; the time is that day's start in London.",
    "time.missing": "When it happened is not stated; the time of recording or reading was taken.",
    "time.nonexistent": "A local time without a zone falls in the hour skipped in March.",
    "time.unreadable": "A time could not be read; it was left out.",
    "trigger.differs": "Two places of one message name different trigger events; the header's was taken.",
    "unborn.has_identifier": "A child not born yet has identifiers of its own.",
    "unborn.mother_unknown": "A child not born yet is known by its mother, who is not named.",
    "visit.cancelled": "The visit was cancelled at its source.",
    "visit.no_number": "The visit has no number; patient and start time stand for it.",
}
"""Every flag of the kit and the adapters, and what it means. Flags are codes only: never content."""


@dataclass(slots=True)
class Flags:
    """The flags of one record, each once, in the order in which they were raised."""

    _raised: dict[str, None] = field(default_factory=dict)

    def add(self, *codes: str) -> None:
        """Raise flags. An adapter's own codes are welcome; list them in :data:`FLAGS`."""
        for code in codes:
            self._raised[code] = None

    def all(self) -> tuple[str, ...]:
        """Every flag raised so far."""
        return tuple(self._raised)

    def __contains__(self, code: object) -> bool:
        return code in self._raised
