"""Talks to a running service as the official `openai` package does. Usage: openai_sdk.py BASE_URL"""

import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)

assert [model.id for model in client.models.list()] == ["daogou"]
assert client.models.retrieve("daogou").owned_by == "daogou"

messages = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "帽子，三百以内"},
    {"role": "assistant", "content": "…"},
    {"role": "user", "content": [{"type": "text", "text": "不要黑色"}]},
]

whole = client.chat.completions.create(model="daogou", messages=messages)
text = whole.choices[0].message.content
assert whole.choices[0].finish_reason == "stop"
assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
answer = whole.model_extra["daogou"]
assert len(answer["need"]["constraints"]) == 2, answer["need"]
for product in answer["products"]:
    assert f"]({'<'}{product['link']}>)" in text, product["link"]

streamed, roles, finished, usage, extension = "", [], None, None, None
for chunk in client.chat.completions.create(model="daogou", messages=messages, stream=True, stream_options={"include_usage": True}):
    for choice in chunk.choices:
        streamed += choice.delta.content or ""
        roles += [choice.delta.role] if choice.delta.role else []
        finished = choice.finish_reason or finished
    usage = chunk.usage or usage
    extension = chunk.model_extra.get("daogou") or extension
assert streamed == text, (streamed, text)
assert roles == ["assistant"] and finished == "stop" and usage is not None
assert extension["outcome"] == answer["outcome"]

try:
    client.chat.completions.create(model="other", messages=messages)
    raise SystemExit("a model that does not exist was accepted")
except openai.NotFoundError as error:
    assert error.code == "model_not_found"
try:
    client.chat.completions.create(model="daogou", messages=[])
    raise SystemExit("a conversation without a question was accepted")
except openai.BadRequestError as error:
    assert error.type == "invalid_request_error"
print("ok")
