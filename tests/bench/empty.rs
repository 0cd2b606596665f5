//! The least a program can do: open one connection. Where the time to start can not go below.

fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let _ = std::net::TcpStream::connect(api);
}
