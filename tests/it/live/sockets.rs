//! The transport over the network, against a server of a few lines on this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use flexctl::emulator::{Emulator, Options, Product};
use flexctl::live::HttpTransport;

use super::*;

/// Answers one request with `answer` and gives what it was sent.
fn serve(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, server)
}

async fn ask(url: &str) -> Answer {
    let endpoints = Endpoints::at(url).unwrap();
    let transport = HttpTransport::new(&endpoints, 2).unwrap();
    transport.send(Request::get(format!("{url}v1/Workspaces")).body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn a_request_says_who_is_asking_and_its_answer_comes_back_whole() {
    let (url, server) = serve("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}");
    let answer = ask(&url).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (201, &b"{}"[..]));
    assert_eq!(answer.headers()["x-a"], "b");
    let request = server.join().unwrap();
    assert!(request.starts_with("GET /v1/Workspaces HTTP/1.1\r\n"), "{request}");
    let agent = format!("user-agent: flexctl/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(request.contains(&agent), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (url, server) =
        serve("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(ask(&url).await.unwrap().status().as_u16(), 302);
    server.join().unwrap();
}

#[tokio::test]
async fn what_was_not_reached_is_told_from_what_broke_off() {
    for half in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"] {
        let (url, server) = serve(half);
        let error = ask(&url).await.unwrap_err();
        assert!(matches!(error, SendError::Broken { .. }), "{error}");
        server.join().unwrap();
    }
    let error = ask("http://127.0.0.1:1/").await.unwrap_err();
    assert!(matches!(error, SendError::Connect { .. }), "{error}");
    assert!(error.to_string().starts_with("cannot connect to 127.0.0.1:1: "), "{error}");
}

#[tokio::test]
async fn the_emulator_is_read_over_a_socket_as_it_is_in_process() {
    // `/v1/Configuration` is Flex's only for those who say so.
    let configuration = Product::Conversations;
    let emulator = Emulator::in_memory(Options { configuration, ..Options::deterministic() });
    emulator.seed(|seeder| {
        for n in 0..1_500 {
            seeder.worker(&format!("worker {n}"), "{}");
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoints = Endpoints::at(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn({
        let emulator = emulator.clone();
        async move { emulator.serve(listener, std::future::pending()).await }
    });
    let credentials = Credentials::new(emulator.account_sid(), emulator.auth_token());
    let transport = HttpTransport::new(&endpoints, 4).unwrap();
    let client = Client::new(transport, endpoints, credentials, 4);
    let scope = Scope { workspace_name: Some("Flex Task Assignment"), ..SCOPE };
    let live = live::read(&client.reader(), &scope).await.unwrap();
    assert_eq!(live.workers.len(), 1_500);
    assert!(!live.roles.is_empty());
    let paths = emulator.requests();
    assert!(paths.iter().any(|sent| format!("{sent:?}").contains("/v1/Services/IS")), "{paths:?}");
    server.abort();
}
