"""The OpenAPI 3.1 document, made from the same route declarations that the requests run through."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from sanic import HTTPResponse

from api.rooms import all_routes
from api.settings import Settings
from core.errors import DomainError, Forbidden, InvalidInput, NotFound, TooManyRequests, Unauthenticated
from core.http.routes import Audience, Binary, Endpoint

_PARAMETER = re.compile(r"<(\w+)(?::\w+)?>")
_TITLES = {
    Audience.OPEN: "公开",
    Audience.CALLBACK: "外部系统回调",
    Audience.CITIZEN: "群众",
    Audience.COURIER: "快递员",
    Audience.CLERK: "工作人员",
    Audience.ENTERPRISE: "企业",
    Audience.RELYING_PARTY: "企业系统（接口密钥）",
    Audience.SUPERVISOR: "监督员",
    Audience.ADMIN: "管理员",
}


def json_response(status: int, body: Any) -> HTTPResponse:
    return HTTPResponse(msgspec.json.encode(body), status=status, content_type="application/json")


def document(settings: Settings) -> dict[str, Any]:
    """OpenAPI 3.1 as plain data; stable order, so that the committed copy can be compared byte by byte."""
    # A conversation is no request and answer: docs/howto/face-capture.md describes it.
    listed = [endpoint for routes in all_routes(settings) for endpoint in routes.endpoints if endpoint.hello is None]
    types = [kind for endpoint in listed for kind in (endpoint.body, endpoint.query, endpoint.returns) if _has_schema(kind)]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    _patterns_of_json_schema([*schemas, *components.values()])
    by_type = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, Any] = {}
    for endpoint in sorted(listed, key=lambda item: (item.path, item.method)):
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, by_type, components)
    components["Error"] = _ERROR_SCHEMA
    return {
        "openapi": "3.1.0",
        "info": {"title": "零跑办 Zerotrip", "version": "0.1.0", "description": "零跑动、不见面的政务服务大厅接口。"},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({endpoint.tag for endpoint in listed})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer", "description": "登录后得到的会话令牌"},
                "api_key": {"type": "http", "scheme": "bearer", "description": "企业接口密钥，以 ztk_ 开头"},
            },
        },
    }


def _patterns_of_json_schema(part: Any) -> None:
    r"""Python's `\Z` as `$` of ECMA-262, which JSON Schema asks for: there it is the end too, where Python lets a line feed follow."""
    if isinstance(part, list):
        for one in part:
            _patterns_of_json_schema(one)
    elif isinstance(part, dict):
        if isinstance(pattern := part.get("pattern"), str):
            part["pattern"] = pattern.replace(r"\Z", "$")
        for one in part.values():
            _patterns_of_json_schema(one)


_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields", "request_id"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                "request_id": {"type": "string"},
            },
        }
    },
}


def _has_schema(kind: Any) -> bool:
    return kind is not None and kind is not Binary


def _operation(endpoint: Endpoint, by_type: dict[int, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.audience}_{endpoint.tag}_{endpoint.name}",
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "description": f"使用者：{_TITLES[endpoint.audience]}" + (f"；权限：`{endpoint.needs}`" if endpoint.needs else ""),
        "x-audience": str(endpoint.audience),
        "responses": _responses(endpoint, by_type),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _PARAMETER.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        schema = _resolve(by_type[id(endpoint.query)], components)
        required = set(schema.get("required", ()))
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": _simple(value)}
            for name, value in schema["properties"].items()
        ]
    if endpoint.idempotent or endpoint.takes_key:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 128, "pattern": "^[!-~]+$"},
            }
        )
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": by_type[id(endpoint.body)]}}}
    if endpoint.upload is not None:
        file: dict[str, Any] = {"type": "string", "format": "binary"}
        schema = {"type": "array", "items": file} if endpoint.many_uploads else file
        operation["requestBody"] = {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {"type": "object", "required": [endpoint.upload], "properties": {endpoint.upload: schema}}
                }
            },
        }
    if endpoint.audience not in {Audience.OPEN, Audience.CALLBACK}:
        operation["security"] = [{"api_key" if endpoint.audience is Audience.RELYING_PARTY else "session": []}]
    return operation


def _simple(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter may be left out instead of being null."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return options[0] if len(options) == 1 else {name: value for name, value in schema.items() if name != "default"}


def _resolve(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    return components[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _responses(endpoint: Endpoint, by_type: dict[int, Any]) -> dict[str, Any]:
    if endpoint.returns is Binary:
        good: dict[str, Any] = {"description": "文件内容"}
    elif endpoint.returns is None:
        good = {"description": "成功"}
    else:
        schema = {"type": "object", "required": ["data"], "properties": {"data": by_type[id(endpoint.returns)]}}
        good = {"description": "成功", "content": {"application/json": {"schema": schema}}}
    responses: dict[str, Any] = {str(endpoint.status): good}
    standard: list[type[DomainError]] = [InvalidInput, TooManyRequests]
    if endpoint.audience not in {Audience.OPEN, Audience.CALLBACK}:
        standard += [Unauthenticated, Forbidden]
    if "<" in endpoint.path:
        standard.append(NotFound)
    by_status: dict[int, set[str]] = {}
    for error in (*standard, *endpoint.errors):
        by_status.setdefault(error.status, set()).add(error.code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "、".join(sorted(codes)),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    responses["default"] = {"description": "其他错误", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    return responses
