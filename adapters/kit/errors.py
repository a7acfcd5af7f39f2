"""What can be wrong on an agency's own side, each with a stable code and a remedy."""

from typing import ClassVar

from contracts.errors import ContractError


class ContentError(ContractError):
    """A native file, or a part of one, cannot be read."""

    codes: ClassVar[dict[str, str]] = {
        "content.empty": "The file holds nothing.",
        "content.too_large": "The file is larger than an adapter reads.",
        "content.encoding": "The file is in no encoding that the adapter knows.",
        "content.nested_too_deeply": "The file nests elements or brackets deeper than any real one does.",
        "content.declares_entities": "The XML declares a document type or entities, which no agency's file needs.",
        "content.truncated": "The file, or the record, ends in the middle.",
        "content.incomplete": "The record lacks a part that its kind needs.",
        "content.not_xml": "The file is not well-formed XML.",
        "content.not_json": "The file is not JSON.",
        "content.not_csv": "The row cannot be read as CSV.",
        "content.not_hl7": "The file holds no HL7 message.",
        "content.not_contract": "The record does not fit the event type that it names.",
        "content.two_children": "One id of the agency's own stands for two children.",
        "content.wrong_format": "The file is of another format than the adapter reads.",
        "content.same_version_changed": "The record changed under the same key and version; the earlier event stands.",
        "content.no_child_id": "The record does not say which child it is about.",
    }


class SpoolError(ContractError):
    """The spool cannot do what was asked; nothing was changed."""

    codes: ClassVar[dict[str, str]] = {
        "spool.not_a_spool": "The file is not a spool, or of a version that this program does not know.",
        "spool.wrong_key": "The spool was sealed under another key.",
    }


class AgencyError(ContractError):
    """An agency's folder is missing, incomplete or already there."""

    codes: ClassVar[dict[str, str]] = {
        "agency.missing": "There is no such agency in this home.",
        "agency.exists": "The agency is already there.",
        "agency.malformed": "The agency's settings, key or secret cannot be read.",
        "agency.wrong_kind": "The adapter belongs to another kind of agency.",
    }


class SummaryError(ContractError):
    """The counts of a file do not add up; nothing of it was spooled."""

    codes: ClassVar[dict[str, str]] = {
        "summary.does_not_add_up": "Native records read and records accounted for differ.",
    }


class QuarantineError(ContractError):
    """A sealed file cannot be opened."""

    codes: ClassVar[dict[str, str]] = {
        "quarantine.damaged": "The sealed file is damaged, cut short or sealed under another key.",
        "quarantine.unknown": "There is no such file in quarantine.",
    }
