"""The AsyncAPI 3.0 document: channels, operations and messages, as the exchange sees them."""

from collections.abc import Iterable
from typing import Any

import yaml

from contracts.base import Category, Model
from contracts.canonical import LARGEST_DELIVERY, LARGEST_MESSAGE, MOST_VALUES
from contracts.envelope import DELIVERY_TYPE, KEYED_HASH_PATTERN, Envelope
from contracts.leaves import marks
from contracts.messages import CHECKPOINT_TYPE, LEAF_TYPE
from contracts.publishing.documents import DELIVERY, EVENTS, HEARTBEAT, PARCEL, RECEIPT, REPLY, Document
from contracts.transport import SIGNATURE

Part = dict[str, Any]
JSON = "application/json"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_WEEK = 7 * 24 * 60 * 60 * 1000
_BINDING = "0.5.0"

_DESCRIPTION = f"""\
How agencies, the exchange and recipients of a safeguarding partnership speak to one another.

Events travel as CloudEvents 1.0 in Kafka's binary mode: attributes are `ce_` headers, `datacontenttype` is \
`content-type`, the key is the subject. The header `ce_{SIGNATURE}` holds a detached JWS over RFC 8785 JSON of all \
other attributes and of the content's SHA-256 digest. The value is the content, sealed to its one reader's current \
key: a compact JWE, ECDH-ES over X25519 with A256GCM, whose `kid` names the key. What is no event (a reply, a \
delivery, a receipt, a sign of life) is a CloudEvent too, of a type of its own, and sealed alike. A message has at \
most {LARGEST_MESSAGE:,} bytes and an event {MOST_VALUES:,} single values; a delivery has at most {LARGEST_DELIVERY:,} \
bytes.

This does not replace a referral. In immediate danger ring 999.
"""


class _PlainDumper(yaml.SafeDumper):
    """Writes every value out where it stands, and texts of several lines as such."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_PlainDumper.add_representer(str, _write_text)


def asyncapi() -> str:
    """Give the whole document as YAML."""
    return yaml.dump(_document(), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=110)


def _document() -> Part:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "MASH exchange", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": JSON,
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "schemas": {"eventHeaders": _event_headers()},
            "messageTraits": {"event": _event_trait()},
            "messages": {
                **{document.name: _event(document) for document in EVENTS},
                "reply": _around(REPLY, "Reply to an agency"),
                "heartbeat": _around(HEARTBEAT, "Heartbeat of an agency's feed"),
                "parcel": _parcel(),
                "receipt": _around(RECEIPT, "Receipt of a recipient"),
                "leaf": _leaf(),
                "checkpoint": _checkpoint(),
            },
        },
    }


def _channels() -> Part:
    agency = {"agency": {"description": "The id of the source agency, as in the partnership's directory."}}
    recipient = {"recipient": {"description": "The id of the recipient, as in the partnership's directory."}}
    return {
        "submitted": _channel(
            "submitted.{agency}",
            "Signed events of one agency, and its feed's signs of life. Only a key of this agency is accepted here.",
            agency,
            [*(document.name for document in EVENTS), "heartbeat"],
        ),
        "replies": _channel(
            "replies.{agency}", "What became of the agency's events. An adapter may ignore it.", agency, ["reply"]
        ),
        "shares": _channel(
            "shares.{recipient}", "Deliveries: released, minimised, for this recipient alone.", recipient, ["parcel"]
        ),
        "receipts": _channel(
            "receipts.{recipient}", "What the recipient's system has and who opened it.", recipient, ["receipt"]
        ),
        "ledger": _channel(
            "ledger",
            "Leaves in order and signed checkpoints, not sealed: for everyone to keep.",
            {},
            ["leaf", "checkpoint"],
            retention=-1,
            partitions=1,
        ),
    }


def _channel(
    address: str,
    description: str,
    parameters: Part,
    messages: Iterable[str],
    *,
    retention: int = _WEEK,
    partitions: int | None = None,
) -> Part:
    kafka: Part = {
        "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": retention},
        "bindingVersion": _BINDING,
    }
    if partitions is not None:
        kafka = {"partitions": partitions, **kafka}
    return {
        "address": address,
        "description": description,
        **({"parameters": parameters} if parameters else {}),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": kafka},
    }


def _operations() -> Part:
    return {
        "acceptEvents": _operation("receive", "submitted", "Accept an agency's events; hear that its feed is alive."),
        "sendReplies": _operation("send", "replies", "Tell an agency what became of its events."),
        "releaseDeliveries": _operation("send", "shares", "Release deliveries to a recipient."),
        "takeReceipts": _operation("receive", "receipts", "Take the receipts of a recipient."),
        "publishCheckpoints": _operation("send", "ledger", "Publish the ledger's leaves and signed checkpoints."),
    }


def _operation(action: str, channel: str, summary: str) -> Part:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _event(document: Document) -> Part:
    first, _, rest = (document.model.__doc__ or "").partition("\n")
    return {
        "name": document.name,
        "title": document.model.__name__,
        "summary": first.replace("``", "`"),
        **({"description": " ".join(rest.replace("``", "`").split())} if rest.strip() else {}),
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "payload": _payload(document),
        "x-mash-categories": sorted(_categories(document.model)),
    }


def _categories(model: type[Model]) -> set[str]:
    """The categories that the fields of this type alone carry; those of the common part are in its schema."""
    return {field.mark.category.value for field in marks(model) if isinstance(field.mark, Category)}


def _event_trait() -> Part:
    return {
        "contentType": JSON,
        "headers": {"$ref": "#/components/schemas/eventHeaders"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "pattern": KEYED_HASH_PATTERN, "description": "The attribute subject."},
                "bindingVersion": _BINDING,
            }
        },
    }


def _event_headers() -> Part:
    envelope = {
        "content-type" if name == "datacontenttype" else f"ce_{name}": {"type": "string"}
        for name in Envelope.model_fields
    }
    envelope["ce_specversion"]["const"] = "1.0"
    envelope["content-type"]["const"] = JSON
    envelope[f"ce_{SIGNATURE}"] = {"type": "string"}
    optional = ("ce_incident", "ce_corrects")
    return {
        "type": "object",
        "description": "The envelope's attributes; their forms are in schemas/envelope.v1.json.",
        "properties": envelope,
        "required": [name for name in envelope if name not in optional],
    }


def _around(document: Document, title: str) -> Part:
    summary = (document.model.__doc__ or "").partition("\n")[0]
    return {
        "name": document.name,
        "title": title,
        "summary": summary,
        "contentType": JSON,
        "payload": _payload(document),
    }


def _parcel() -> Part:
    return {
        **_around(PARCEL, "Delivery in its wrapper"),
        "headers": {"type": "object", "properties": {"ce_type": {"type": "string", "const": DELIVERY_TYPE}}},
        "description": f"The body is the exact text that receipts name by its digest; it reads as {DELIVERY.name}.",
    }


def _leaf() -> Part:
    return {
        "name": "leaf",
        "title": "Leaf of the ledger",
        "summary": "A minute and two commitments; `ce_id` is its number, from nought.",
        "contentType": JSON,
        "headers": {"type": "object", "properties": {"ce_type": {"type": "string", "const": LEAF_TYPE}}},
        "payload": {"type": "object"},
    }


def _checkpoint() -> Part:
    return {
        "name": "checkpoint",
        "title": "Checkpoint of the ledger",
        "summary": "Size and root of the ledger's Merkle tree, as a signed note.",
        "contentType": "text/plain",
        "headers": {"type": "object", "properties": {"ce_type": {"type": "string", "const": CHECKPOINT_TYPE}}},
        "payload": {"type": "string"},
        "externalDocs": {"url": "https://c2sp.org/tlog-checkpoint"},
    }


def _payload(document: Document) -> Part:
    return {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"schemas/{document.name}.json"}}
