# The same requirements and steps as `make run`, with the servers outside (docker-compose.yml).
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
# The embedded servers are never started here: `manage.py backup` and `restore` use their clients.
COPY requirements.txt requirements-embedded.txt /
RUN /venv/bin/pip install --require-hashes --only-binary :all: \
    -r /requirements.txt -r /requirements-embedded.txt
WORKDIR /app
COPY . .
# As `manage.py prepare` does in a checkout; in the image /app belongs to root and stays as it is.
RUN /venv/bin/python -c "import pathlib, polib; \
    [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix('.mo'))) \
    for p in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po')]" \
    && /venv/bin/python -m compileall -q .

FROM python:${PYTHON}
# A new volume for /backups takes over its owner.
RUN useradd --system --uid 10001 --no-create-home rundgang \
    && install --directory --mode 0700 --owner rundgang /backups
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER rundgang
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "-b", "0.0.0.0:8000"]
