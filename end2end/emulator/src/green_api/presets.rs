//! The errors of reference §5 by name, ready to be used as faults.

use serde_json::{Value, json};

use crate::faults::Spoil;

/// Names that [`preset`] knows.
pub const PRESETS: &[&str] = &[
    "400_bad_request",
    "400_validation",
    "400_json",
    "400_starting",
    "400_not_authorized",
    "400_expired",
    "400_deleted",
    "400_webhook_set",
    "401",
    "403",
    "403_suspended",
    "404",
    "429",
    "429_retry_after",
    "466_method",
    "466_correspondents",
    "499",
    "500",
    "500_file_too_big",
    "500_entity_too_large",
    "502",
    "502_json",
    "503",
    "504",
    "200_false",
    "200_bare_string",
    "200_null",
];

/// The answer that the service gives in a case of its error table; `None` for an unknown name.
pub fn preset(name: &str) -> Option<Spoil> {
    let validation = |text: &str| {
        json!({"statusCode": 400, "timestamp": "2026-10-01T12:00:00.000Z",
            "path": "/waInstance7103000001/sendMessage/d75b3a66374942c5b3c019c698abc2067e151558",
            "message": text})
    };
    let (status, body) = match name {
        "400_bad_request" => (400, json!("bad request data")),
        "400_validation" => (400, validation("Validation failed. Details: 'chatId' is required")),
        "400_json" => (400, validation("Unexpected token _ in JSON at position 12")),
        "400_starting" => (400, json!("instance in starting process try later")),
        "400_not_authorized" => (400, json!({"status": false, "reason": "instance is starting or not authorized"})),
        "400_expired" => (400, json!("Instance account is expired. Renew your instance from personal area")),
        "400_deleted" => (400, json!("Instance is deleted")),
        "400_webhook_set" => (400, validation("Message cannot be received because custom webhook url is set")),
        "401" => (401, Value::Null),
        "403" => (403, json!("Forbidden")),
        "403_suspended" => (403, json!("Your account is suspended")),
        "404" => (404, json!("Not Found")),
        "429" | "429_retry_after" => (429, json!("Too Many Requests")),
        "466_method" => (
            466,
            json!({"invokeStatus": {"method": "sendmessage", "used": 100, "total": 100,
                "status": "QUOTE_EXCEEDED", "description": "Monthly quota has been exceeded"}}),
        ),
        "466_correspondents" => (
            466,
            json!({"invokeStatus": {"method": "sendmessage", "used": 67, "total": 0,
                    "status": "QUOTE_ALLOWED"},
                "correspondentsStatus": {"method": "correspondents", "used": 3, "total": 3,
                    "status": "CORRESPONDENTS_QUOTE_EXCEEDED",
                    "description": "Available chats: 79990000002@c.us"}}),
        ),
        "499" => (499, json!("Client Closed Request")),
        "500" => (500, json!("Internal Server Error")),
        "500_file_too_big" => (
            500,
            json!("File from url exceeded max upload size. Size: 142mb Limit: 100mb Url: https://example.com/a.mp4"),
        ),
        "500_entity_too_large" => (500, json!("request entity too large")),
        "502" => return Some(Spoil::Html { status: 502 }),
        "502_json" => (502, json!({"statusCode": 502, "message": "Bad Gateway"})),
        "503" => (503, json!("Service Unavailable")),
        "504" => (504, json!("Gateway Timeout")),
        "200_false" => (200, json!({"status": false, "reason": "instance is starting or not authorized"})),
        "200_bare_string" => (200, json!("Error: forbidden")),
        "200_null" => (200, Value::Null),
        _ => return None,
    };
    let headers = if name == "429_retry_after" {
        [("Retry-After".to_owned(), "1".to_owned())].into()
    } else {
        Default::default()
    };
    Some(Spoil::Status { status, body, headers })
}
