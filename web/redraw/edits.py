"""How each edit of a plan is described to programs: made from the models that read it."""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from gisgrid.redraw.edits.edit import AreaEdit, Edit
from gisgrid.redraw.edits.kinds import EDITS


class _EditSchema(GenerateJsonSchema):
    """Plain schemas: fields without titles, and no default that is nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        return {"const": schema["expected"][0]}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        is_nothing = schema.get("default") is None
        return self.generate_inner(schema["schema"]) if is_nothing else super().default_schema(schema)


def schema_of(kind: type[Edit]) -> JsonSchemaValue:
    """The JSON Schema of an edit; one of an area takes either of its names."""
    schema = kind.model_json_schema(schema_generator=_EditSchema)
    schema |= {"title": kind.op_name(), "description": " ".join((getdoc(kind) or "").split())}
    if issubclass(kind, AreaEdit):
        schema["description"] += " The area is named by `area` or by `grid`."
        both = ("area", "grid")
        code = next(schema["properties"][name] for name in both if name in schema["properties"])
        schema["properties"] |= dict.fromkeys(both, code)
        schema["required"] = [name for name in schema["required"] if name not in both]
        schema["anyOf"] = [{"required": [name]} for name in both]
    return schema


class SentEdit(BaseModel):
    """One edit: `op` and its fields, no others. One that is refused changes nothing and says why."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra=lambda schema: schema.update(oneOf=[schema_of(kind) for kind in EDITS.values()]),
    )

    op: str = Field(max_length=20)
