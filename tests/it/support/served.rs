//! The binary as a server, and what is asked of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::desk::Desk;

/// What takes so long never comes.
pub(crate) const HANG: Duration = Duration::from_secs(300);

/// A process that listens; it is killed when nobody wants it any more.
pub(crate) struct Served {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    said: Arc<Mutex<String>>,
    listener: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("it is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("it says a line");
        let said = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().expect("it is a pipe");
        let heard = Arc::clone(&said);
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut heard = heard.lock().expect("nobody panics here");
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let mut served = Self { child, url: String::new(), said, listener: Some(listener) };
        let Some(url) = url else { panic!("it does not listen: {line}{}", served.end().1) };
        served.url = url;
        served
    }

    /// An emulator on a free port that keeps its data on the desk.
    pub(crate) fn emulator(desk: &Desk) -> Self {
        Self::emulator_at(desk, 0)
    }

    /// The same on a port of its own.
    pub(crate) fn emulator_at(desk: &Desk, port: u16) -> Self {
        let port = port.to_string();
        Self::start(desk.command(&["emulator", "--data", "served.redb", "--port", &port]))
    }

    /// What it has said on stderr.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("nobody panics here").clone()
    }

    /// Ends it at once.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    /// Asks it to end, as an orchestrator does; gives the exit code and what it said.
    pub(crate) fn terminate(mut self) -> (i32, String) {
        signal(&self.child, "TERM");
        let ended = until(|| self.child.try_wait().expect("it is our child"));
        let code = ended.and_then(|status| status.code());
        let (_, said) = self.end();
        (code.unwrap_or_else(|| panic!("it does not end: {said}")), said)
    }

    fn end(&mut self) -> (Option<i32>, String) {
        let _ = self.child.kill();
        let code = self.child.wait().ok().and_then(|status| status.code());
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        (code, self.said())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.end();
    }
}

/// A port that is free, and that the system gives nobody who asks for any.
pub(crate) fn port_of_our_own() -> u16 {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (first..31_000).find(is_free).expect("not all of them are taken")
}

/// Sends a signal: `INT`, `TERM`, `KILL`.
pub(crate) fn signal(process: &Child, name: &str) {
    let (name, id) = (format!("-{name}"), process.id().to_string());
    let sent = Command::new("kill").args([&name, &id]).status().expect("there is a kill");
    assert!(sent.success(), "{name} {id}");
}

/// Asks again until there is an answer; none when none comes.
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + HANG;
    loop {
        match ask() {
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            answer => return answer,
        }
    }
}

/// The status and the body of a page.
pub(crate) fn get(url: &str, path: &str) -> (u16, String) {
    let host = url.strip_prefix("http://").expect("plain HTTP");
    let mut stream = TcpStream::connect(host).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        .expect("it takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), body.to_owned())
}
