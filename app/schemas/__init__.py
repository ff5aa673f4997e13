"""The shapes of what the API takes and answers, and the OpenAPI document made of them."""
