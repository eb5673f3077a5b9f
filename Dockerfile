# Stage one: an environment with the hash-locked requirements and the wheel built from this checkout.
FROM python:3.13.9-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /opt/inforce \
    && /opt/inforce/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
# Of what is only needed to build and test, setuptools alone: it builds the wheel.
RUN awk '/^[a-z]/ { own = /^setuptools==/ } own' requirements-dev.lock > build.lock \
    && python -m venv builder \
    && builder/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE ./
COPY events events
COPY migrations migrations
COPY services services
RUN builder/bin/pip wheel --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/inforce/bin/pip install --disable-pip-version-check --no-deps --no-index dist/inforce-*.whl

# Stage two: the environment and nothing else.
FROM python:3.13.9-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/inforce inforce
COPY --from=build /opt/inforce /opt/inforce
ENV PATH=/opt/inforce/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    INFORCE_DATA_DIR=/var/lib/inforce \
    INFORCE_HOST=0.0.0.0 \
    INFORCE_PORT=8000
USER 10001
WORKDIR /var/lib/inforce
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=5 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["inforce"]
CMD ["serve", "all"]
