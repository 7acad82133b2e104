# The same requirements and steps as `make run`, with the servers outside (docker-compose.yml).
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /requirements.txt

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --create-home rundgang \
    && install -d -o rundgang -g rundgang -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ROTATION_DATA=/data
# Translations are compiled into the image; the secret below is gone with the build step.
RUN ROTATION_SECRET_KEY=only-for-this-step DATABASE_URL=postgres://build@127.0.0.1:9/build \
    REDIS_URL=redis://127.0.0.1:9/0 ROTATION_DATA=/nonexistent \
    python manage.py prepare --catalogs-only
USER rundgang
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket", "-b", "0.0.0.0:8000"]
