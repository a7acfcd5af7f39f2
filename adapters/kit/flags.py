"""Quality flags: what was odd about a record that is published all the same."""

from dataclasses import dataclass, field

FLAGS: dict[str, str] = {
    "address.no_fixed_abode": "The address says that there is none.",
    "batch.no_trailer": "The batch has a header and no trailer; its last message may be incomplete.",
    "birth_date.unknown": "No birth date and no expected date; the child's age is unknown.",
    "birth_date.unreadable": "The birth date could not be read.",
    "boolean.unreadable": "A yes-or-no value could not be read.",
    "category.missing": "The concern has no category; it is told as other.",
    "category.unknown": "The concern's category is not in the published list; it is told as other.",
    "change.not_compared": "No earlier state is known to compare with; the address is treated as new.",
    "child.may_be_adult": "The dates leave open whether the person was under 18.",
    "child.row_missing": "The extract has no row for the child itself; only its id is known.",
    "child_words.not_released": "The child's words stay at the school until the designated lead releases them.",
    "claims.consent_believed_needed": "The sender believes that it needs the parents' permission.",
    "code.unknown": "A code is not in the published list; it is passed on as it came.",
    "date.in_future": "A date lies after the day of reading.",
    "date.out_of_order": "Dates stand in an order that cannot be.",
    "date.unreadable": "A date could not be read; it was left out.",
    "death.date_missing": "The death has no date; the day of the message was taken.",
    "encoding.cp1252": "The file is not UTF-8; it was read as Windows-1252.",
    "encoding.utf16": "The file is UTF-16, read as such.",
    "entry_date.missing": "The roll does not say when the child entered; the day of reading was taken.",
    "from.missing": "It is not stated from when it holds; the day of reading was taken.",
    "grade.unknown": "The sender's grade is not in the published list; it was left out.",
    "handling_code.unknown": "Intelligence has a handling code that nobody knows, and is kept as if under conditions.",
    "identifier.missing": "The record holds no identifier that another agency knows.",
    "identifier.nhs_number.failed": "The NHS number fails its check digit.",
    "identifier.upn.failed": "The UPN fails its check letter.",
    "intelligence.kept_at_force": "Intelligence under conditions stays at the force. Never told outside it.",
    "level.unknown": "The sender's level is not 1 to 4; it was left out.",
    "message.id_missing": "The message has no id of its own.",
    "name.missing": "The record holds no name.",
    "nhs_number.not_ten_digits": "The NHS number does not have ten digits.",
    "notice_type.unknown": "The notice's type is not in the published list; it is told as a child's.",
    "number.unreadable": "A number could not be read; it was left out.",
    "plan.end_withdrawn": "A protection plan told as ended is open again.",
    "pupil.gone_from_roll": "The child is no longer on the roll; the day of reading was taken as the leaving date.",
    "restriction.unknown": "A restriction that nobody knows; it guards the address.",
    "role.unknown": "A person's role is not in the published list.",
    "row.gone": "The row is no longer in the extract, which gives no end; the day of reading was taken.",
    "row.ragged": "The row has more or fewer cells than the header.",
    "school.name_only": "The school is known by its name alone.",
    "sex.unknown_code": "The sex code is not in the published list.",
    "text.shortened": "A text was longer than the contract allows and was cut.",
    "text.stray": "Text stands where only elements belong.",
    "time.ambiguous": "A local time without a zone falls in the hour repeated in October; the first was taken.",
    "time.date_only": "Only a day is known; the time is that day's start in London.",
    "time.missing": "When it happened is not stated; the time of recording or reading was taken.",
    "time.nonexistent": "A local time without a zone falls in the hour skipped in March.",
    "time.unreadable": "A time could not be read; it was left out.",
    "trace_status.unknown": "The trace status of the NHS number is not in the published list; it counts as not traced.",
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
