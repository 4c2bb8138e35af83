# The command in an image: docker run --rm -v "$PWD:/src" seatrial
FROM rust:1.95-slim-trixie AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked \
    && cp target/release/seatrial /usr/local/bin/

FROM debian:trixie-slim
RUN groupadd -r seatrial && useradd --no-log-init -r -g seatrial seatrial
COPY --from=build /usr/local/bin/seatrial /usr/local/bin/
USER seatrial:seatrial
WORKDIR /src
ENTRYPOINT ["seatrial"]
