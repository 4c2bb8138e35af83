# The stage that builds wheels.
FROM --platform=$BUILDPLATFORM python:3.13-slim-trixie AS build-NUMBER
ARG PIP_VERSION=25.1 EXTRA="one two"
ENV PYTHONUNBUFFERED=1 \
    # no bytecode in the image
    PYTHONDONTWRITEBYTECODE=1 \
    PATH="/venv/bin:$PATH"
LABEL org.opencontainers.image.title="application" maintainer="someone@example.org"
WORKDIR /srv/application
RUN --mount=type=cache,target=/root/.cache/pip \
    set -ex \
    && BUILD_DEPS=" \
        build-essential \
        libpcre2-dev \
        libpq-dev \
    " \
    && apt-get update && apt-get install -y --no-install-recommends $BUILD_DEPS \
    && python -m venv /venv && /venv/bin/pip install -r requirements.txt \
    && apt-get purge -y --auto-remove $BUILD_DEPS \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-0 --chown=app:app ["requirements.txt", "setup.cfg", "/srv/application/"]
COPY <<-"EOF" /etc/uwsgi.ini
	[uwsgi]
	module = application.wsgi
	EOF
EXPOSE 8000
HEALTHCHECK --interval=30s CMD ["curl", "-f", "http://localhost:8000/"]
USER app:app
CMD ["/venv/bin/uwsgi", "--show-config"]
