//! The emulator over a socket.

use flexctl::emulator::{ACCOUNT_SID, AUTH_TOKEN, Emulator, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::basic;

/// Starts a server and gives its address and the switch that ends it.
async fn serve() -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let emulator = Emulator::in_memory(Options::deterministic());
    let server = tokio::spawn(async move {
        let shutdown = async move { drop(stopped.await) };
        emulator.serve(listener, shutdown).await.unwrap();
    });
    (address, stop, server)
}

async fn talk(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_connection_that_is_to_close_is_told_so_and_closed() {
    let (address, _stop, _server) = serve().await;
    let credentials = basic(ACCOUNT_SID, AUTH_TOKEN);
    for (method, has_body) in [("GET", true), ("HEAD", false)] {
        let request = format!(
            "{method} /v1/Workspaces HTTP/1.1\r\nHost: {address}\r\n\
             Authorization: {credentials}\r\nConnection: close\r\n\r\n"
        );
        let answer = talk(address, &request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert!(head.to_lowercase().contains("\r\nconnection: close"), "{head}");
        assert_eq!(!body.is_empty(), has_body, "{method}");
        if has_body {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            let url = body["meta"]["url"].as_str().unwrap();
            assert!(url.starts_with(&format!("http://{address}/v1/Workspaces")), "{url}");
        }
    }
}

#[tokio::test]
async fn a_connection_is_kept_and_a_form_with_length_is_read() {
    let (address, _stop, _server) = serve().await;
    let credentials = basic(ACCOUNT_SID, AUTH_TOKEN);
    let body = "FriendlyName=Caf%C3%A9+2&Template=FIFO";
    let create = format!(
        "POST /v1/Workspaces HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let last = format!(
        "GET /v1/Workspaces?FriendlyName=Caf%C3%A9%202 HTTP/1.1\r\nHost: x\r\n\
         Authorization: {credentials}\r\nConnection: close\r\n\r\n"
    );
    let answer = talk(address, &format!("{create}{last}")).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 1, "{answer}");
    assert_eq!(answer.matches("\"friendly_name\":\"Café 2\"").count(), 2, "{answer}");
}

#[tokio::test]
async fn it_ends_when_it_is_told() {
    let (address, stop, server) = serve().await;
    stop.send(()).unwrap();
    server.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
