# shellcheck shell=bash
# What the scripts in dev/ share: where things live, the database server, the addons path, running Odoo.
# Source it; it defines names and functions and does nothing by itself.
#
# Settings, all from the environment:
#   SIG_PQRS_HOME   folder of everything that is made (default: ~/.cache/sig_pqrs)
#   ODOO_BIN        an Odoo 19 that is already there: path of its odoo-bin or odoo executable
#   ODOO_PYTHON     the Python that runs that Odoo (default: the one its first line names, else /usr/bin/python3)
#   PGHOST ...      use this PostgreSQL server instead of the project's own cluster (PGPORT, PGUSER, PGPASSWORD too)

MODULE=sig_pqrs
LANGUAGE=es_CO

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
SIG_HOME=${SIG_PQRS_HOME:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sig_pqrs}
VENV=$SIG_HOME/venv
PYTHON=$VENV/bin/python
# Two checkouts on one machine share the environment, but never a folder or a database.
CHECKOUT_KEY=$(printf %s "$CHECKOUT" | sha256sum | cut -c1-8)
CHECKOUT_HOME=$SIG_HOME/checkouts/$CHECKOUT_KEY
ADDONS=$CHECKOUT_HOME/addons
ADDON=$ADDONS/$MODULE
DATA_DIR=$SIG_HOME/data
LOGS=$CHECKOUT_HOME/logs
SHIPPED=(README.md LICENSE readme docs tools models views wizards controllers reports security data demo i18n static migrations tests)
while IFS= read -r entry; do SHIPPED+=("$entry"); done < <(cd "$CHECKOUT" && compgen -G '*.py')

export ODOO_RC=$CHECKOUT_HOME/odoo.conf
export PATH=$VENV/bin:$PATH
export PYTHONNOUSERSITE=1

step() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
    printf '\033[31merror:\033[0m %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do note "$line"; done
    exit 1
}

hash_of_input() { sha256sum | cut -c1-12; }

# Hash of files and folders of the checkout: names and contents.
hash_of_files() {
    (cd "$CHECKOUT" && find -L "$@" -type f -not -name '*.pyc' -not -path 'static/tests/*' -print0 2>/dev/null | sort -z | xargs -0r sha256sum) |
        hash_of_input
}

# Run a command with its output in a log; on failure show the end of the log. LOG LABEL COMMAND...
logged() {
    local log=$1 label=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    step "$label"
    "$@" >"$log" 2>&1 </dev/null && return
    tail -n 40 "$log" >&2
    die "$label: failed." "The end of its output is above; all of it is in $log."
}

# Hash of all that an installed addon comes from, and of the arguments.
addon_hash() {
    local entry entries=()
    for entry in "${SHIPPED[@]}"; do
        [[ $entry =~ ^(tests|docs|README.md|LICENSE)$ ]] || entries+=("$entry")
    done
    printf '%s\n' "$(hash_of_files "${entries[@]}")" "$(cat "$SIG_HOME/setup.stamp")" "$@" | hash_of_input
}

# One process at a time does this; the lock goes away with the function. NAME FUNCTION...
locked() {
    local name=$1
    shift
    mkdir -p "$SIG_HOME/locks"
    (
        if ! flock -n 9; then
            note "waiting for another process (lock $SIG_HOME/locks/$name.lock)"
            flock 9
        fi
        "$@"
    ) 9>"$SIG_HOME/locks/$name.lock"
}

# --- PostgreSQL -----------------------------------------------------------------------------------------------------
# The project's own cluster: a Unix socket in a folder that only its owner enters, no TCP port. It never waits for the
# disk (fsync off), so a power cut can break it: for development only.

PG_ROLE=odoo # Odoo refuses to work as "postgres"

pg_bin() {
    local dir
    dir=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    if [[ -x $dir/initdb ]]; then
        printf %s "$dir"
    elif command -v pg_config >/dev/null && [[ -x $(pg_config --bindir)/initdb ]]; then
        pg_config --bindir
    fi
}

pg_own() { [[ -z ${PGHOST:-} || ${PGHOST:-} == "${PG_SOCKET:-}" ]]; }

# Where the own cluster is. PostgreSQL refuses to run as root, and the user that runs it for root may not be able to
# enter root's home, so root's cluster lives in /var/lib.
pg_locate() {
    [[ -z ${PG_SOCKET:-} ]] || return 0
    PG_BIN=$(pg_bin)
    [[ -n $PG_BIN ]] || die "PostgreSQL is not installed." "Run dev/setup, or set PGHOST to a server that is."
    if ((EUID == 0)); then
        PG_HOME=/var/lib/$MODULE/$(printf %s "$SIG_HOME" | sha256sum | cut -c1-8)
    else
        PG_HOME=$SIG_HOME/postgresql
    fi
    PG_DATA=$PG_HOME/$(basename "$(dirname "$PG_BIN")")
    PG_SOCKET=$PG_HOME/socket
}

pg_as_owner() {
    if ((EUID == 0)); then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

pg_running() { pg_as_owner "$PG_BIN/pg_ctl" -D "$PG_DATA" status >/dev/null 2>&1; }

pg_boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown; }

# A cluster that was running when the machine went down has lost writes.
pg_untrusted() {
    [[ $(cat "$PG_HOME/boot" 2>/dev/null) != "$(pg_boot)" ]] &&
        ! pg_as_owner env LC_ALL=C "$PG_BIN/pg_controldata" "$PG_DATA" 2>/dev/null |
            grep -q '^Database cluster state: *shut down$'
}

pg_create() {
    if ((EUID == 0)); then
        id postgres >/dev/null 2>&1 || die "There is no user 'postgres'." "Install Debian's package postgresql."
        install -d -m 755 "/var/lib/$MODULE"
        install -d -m 700 -o postgres "$PG_HOME" "$PG_SOCKET"
    else
        install -d -m 700 "$PG_HOME" "$PG_SOCKET"
    fi
    logged "$SIG_HOME/logs/initdb.log" "Making a PostgreSQL cluster in $PG_DATA" \
        pg_as_owner "$PG_BIN/initdb" -D "$PG_DATA" -U "$PG_ROLE" --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
    pg_as_owner tee -a "$PG_DATA/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$PG_SOCKET'
		unix_socket_permissions = 0700
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		wal_level = minimal
		max_wal_senders = 0
		max_wal_size = 2GB
		checkpoint_timeout = 30min
		shared_buffers = 512MB
		work_mem = 16MB
		maintenance_work_mem = 256MB
		max_connections = 200
		random_page_cost = 1.1
		jit = off
	CONF
}

_pg_start() {
    # Children must not inherit the lock of our caller.
    if pg_running; then return; fi
    if [[ -d $PG_DATA ]] && { [[ ! -f $PG_DATA/postgresql.conf ]] || pg_untrusted; }; then
        note "The PostgreSQL cluster was not shut down before the machine was: it is made anew."
        rm -rf "$PG_DATA"
    fi
    [[ -d $PG_DATA ]] || pg_create
    pg_boot | pg_as_owner tee "$PG_HOME/boot" >/dev/null
    logged "$SIG_HOME/logs/pg_ctl.log" "Starting PostgreSQL" \
        pg_as_owner "$PG_BIN/pg_ctl" -D "$PG_DATA" -l "$PG_HOME/postgresql.log" -w -t 60 start 9>&-
}

pg_start() {
    if pg_own; then
        pg_locate
        pg_running || locked postgresql _pg_start
        export PGHOST=$PG_SOCKET PGUSER=$PG_ROLE
        [[ $PATH == "$PG_BIN:"* ]] || PATH=$PG_BIN:$PATH
        unset PGPORT PGPASSWORD PGDATABASE PGSERVICE
    fi
    psql -qXAt -d postgres -c 'SELECT 1' >/dev/null || die "PostgreSQL at $PGHOST does not answer." \
        "Look at its log, or unset PGHOST to use the project's own cluster."
}

pg_stop() {
    pg_own || return 0
    pg_locate
    if pg_running; then
        pg_as_owner "$PG_BIN/pg_ctl" -D "$PG_DATA" -m fast -w stop >/dev/null
    fi
}

# Go on in a cluster of this checkout alone, made anew with further settings; its owner removes it with pg_apart_end.
# NAME [SETTING...]
pg_apart() {
    local name=$1
    shift
    pg_own || die "This needs a PostgreSQL cluster of its own." "Unset PGHOST."
    PG_HOME+=-$name-$CHECKOUT_KEY
    PG_DATA=$PG_HOME/$(basename "$PG_DATA") PG_SOCKET=$PG_HOME/socket
    pg_apart_end
    pg_create
    printf '%s\n' "$@" | pg_as_owner tee -a "$PG_DATA/postgresql.conf" >/dev/null
    _pg_start
    export PGHOST=$PG_SOCKET
    sed "s|^db_host = .*|db_host = $PGHOST|" "$ODOO_RC" >"$CHECKOUT_HOME/$name.conf"
    export ODOO_RC=$CHECKOUT_HOME/$name.conf
}

pg_apart_end() {
    local data
    for data in "$PG_HOME"/*/; do
        [[ ! -f $data/postmaster.pid ]] || pg_as_owner "$PG_BIN/pg_ctl" -D "$data" -m immediate stop >/dev/null 2>&1 || true
    done
    rm -rf "$PG_HOME"
}

# Take a database over into that cluster. DUMP NAME
pg_take_over() {
    createdb "$2"
    logged "$LOGS/take-over.log" "Taking the database over" pg_restore --no-owner -d "$2" "$1"
}

pg_query() { psql -qXAt -v ON_ERROR_STOP=1 -d postgres -c "$1"; }

# --- Databases and their files --------------------------------------------------------------------------------------

db_exists() { [[ $(pg_query "SELECT 1 FROM pg_database WHERE datname = '$1'") == 1 ]]; }

db_drop() {
    local name
    for name in "$@"; do
        dropdb --if-exists --force "$name" 2>/dev/null || true
        rm -rf "${DATA_DIR:?}/filestore/$name"
    done
}

# Copy of a database that nobody is connected to. FROM TO
db_clone() {
    createdb -T "$1" "$2"
    if [[ -d $DATA_DIR/filestore/$1 ]]; then
        # Odoo never rewrites a stored file, so copies may share them.
        cp -al "$DATA_DIR/filestore/$1" "$DATA_DIR/filestore/$2"
    fi
}

db_rename() {
    pg_query "ALTER DATABASE \"$1\" RENAME TO \"$2\""
    [[ ! -d $DATA_DIR/filestore/$1 ]] || mv "$DATA_DIR/filestore/$1" "$DATA_DIR/filestore/$2"
}

# Oldest first.
db_names() { pg_query "SELECT datname FROM pg_database WHERE datname LIKE '$1' ORDER BY oid"; }

# Make a database once under its final name: half-made ones are never seen. NAME FUNCTION (called with a scratch name)
_db_template() {
    local name=$1 scratch=$1_making
    shift
    if db_exists "$name"; then return; fi
    db_drop "$scratch"
    # shellcheck disable=SC2064 # it must know the name when it runs
    trap "db_drop '$scratch'" EXIT
    "$@" "$scratch"
    db_rename "$scratch" "$name"
}

db_template() {
    if db_exists "$1"; then return; fi
    locked "db-$1" _db_template "$@"
    rm -f "$SIG_HOME/locks/db-$1.lock"
}

# Databases of runs that were killed. After the process id come the worker of a run (-gw1), or that it is being made.
db_drop_dead_runs() {
    local name pid
    for name in $(db_names "sig\\_${CHECKOUT_KEY}\\_%\\_run%"); do
        pid=${name##*_run}
        [[ -d /proc/${pid%%[!0-9]*} ]] || db_drop "$name"
    done
}

# Databases and folders of checkouts that are gone.
forget_dead_checkouts() {
    local dir key
    for dir in "$SIG_HOME"/checkouts/*/; do
        [[ -f $dir/path && ! -d $(cat "$dir/path") ]] || continue
        key=$(basename "$dir")
        # shellcheck disable=SC2046
        db_drop $(db_names "sig\\_${key}\\_%")
        rm -rf "$dir"
    done
}

# --- Odoo -----------------------------------------------------------------------------------------------------------

odoo_python() {
    if [[ -n ${ODOO_PYTHON:-} ]]; then
        printf %s "$ODOO_PYTHON"
    elif [[ -n ${ODOO_BIN:-} ]]; then
        local first
        first=$(head -n 1 "$ODOO_BIN" | tr -d '\0' | sed -n 's/^#! *\(\/[^ ]*python[0-9.]*\) *$/\1/p')
        printf %s "${first:-/usr/bin/python3}"
    else
        printf %s /usr/bin/python3
    fi
}

odoo_version() {
    if [[ -n ${ODOO_BIN:-} ]]; then
        local root
        root=$(dirname "$(readlink -f "$ODOO_BIN")")
        printf '%s %s' "$root" "$(git -C "$root" rev-parse HEAD 2>/dev/null || stat -c %Y "$ODOO_BIN")"
    else
        dpkg-query -W -f '${Version}' odoo-19 2>/dev/null || true
    fi
}

# The addons path: a folder of links to what is shipped, because Odoo follows a checkout's other folders too.
# Also the configuration file. Made anew by every script, entries come and go.
link_addon() {
    mkdir -p "$ADDON" "$DATA_DIR" "$LOGS"
    printf '%s\n' "$CHECKOUT" >"$CHECKOUT_HOME/path"
    local entry
    for entry in "${SHIPPED[@]}"; do
        [[ ! -e $CHECKOUT/$entry || $ADDON/$entry -ef $CHECKOUT/$entry ]] || ln -sfn "$CHECKOUT/$entry" "$ADDON/$entry"
    done
    find "$ADDON" -mindepth 1 -maxdepth 1 -xtype l -delete # links to what is gone
    {
        printf '[options]\n'
        # Odoo warns of an addons path without addons.
        [[ ! -e $ADDON/__manifest__.py ]] || printf 'addons_path = %s\n' "$ADDONS"
        printf 'db_host = %s\n' "$PGHOST"
        [[ -z ${PGPORT:-} ]] || printf 'db_port = %s\n' "$PGPORT"
        [[ -z ${PGUSER:-} ]] || printf 'db_user = %s\n' "$PGUSER"
        [[ -z ${PGPASSWORD:-} ]] || printf 'db_password = %s\n' "$PGPASSWORD"
        cat <<-CONF
			data_dir = $DATA_DIR
			db_template = template0
			smtp_server =
			http_interface = 127.0.0.1
			http_port = 8069
			gevent_port = 8072
			workers = 0
			max_cron_threads = 1
			list_db = False
			limit_time_real = 1200
			limit_time_cpu = 1200
		CONF
    } >"$ODOO_RC.$$"
    mv "$ODOO_RC.$$" "$ODOO_RC"
}

need_addon() {
    [[ -f $CHECKOUT/__manifest__.py ]] || die "This checkout has no __manifest__.py: there is no addon to run."
}

# Everything a script needs before it can run Odoo.
prepare() {
    "$CHECKOUT/dev/setup" --quiet
    pg_start
    link_addon
}

odoo() { "$PYTHON" -m odoo "$@"; }

# Run Odoo once with its output in a log; die when it fails. LOG LABEL ARGUMENTS...
odoo_once() {
    local log=$1 label=$2
    shift 2
    logged "$log" "$label" "$PYTHON" -m odoo "$@" --stop-after-init --no-http
}

# Records of an Odoo log that are warnings or worse, with their tracebacks, less the noise of the environment.
log_problems() {
    awk '
        /^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:,]+ [0-9]+ [A-Z]+ / {
            bad = ($4 ~ /^(WARNING|ERROR|CRITICAL)$/)
            if (/Running as user .root./ || /unable to find .*wkhtmltopdf/) bad = 0
            if ($6 == "py.warnings:" && !/sig_pqrs/) bad = 0
        }
        bad
    ' "$1"
}

die_on_problems() {
    local problems
    problems=$(log_problems "$1")
    if [[ -z $problems ]]; then return; fi
    printf '%s\n' "$problems" >&2
    die "$2" "The warnings and errors are above; the whole log is $1."
}

free_port() {
    "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# --- The peer -------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2034  # for the scripts that source this
PEER_MODULES=helpdesk_mgmt,helpdesk_mgmt_sla,helpdesk_mgmt_rating

_install_peer() {
    if [[ -f $PEER/installed ]]; then return; fi
    rm -rf "$PEER"
    logged "$LOGS/peer.log" "Installing the peer" "$VENV/bin/pip" install --quiet --disable-pip-version-check \
        --no-input --no-deps --target "$PEER" -r "$CHECKOUT/dev/requirements-bench.txt"
    touch "$PEER/installed"
}

# Sets PEER: OCA's helpdesk is in its folder odoo/addons. Odoo finds addons in a virtual environment by itself, and tests
# must not find these: they get a folder of their own.
install_peer() {
    PEER=$SIG_HOME/peer-$(hash_of_files dev/requirements-bench.txt)
    locked peer _install_peer
}

# --- Tools with an environment of their own, without Odoo --------------------------------------------------------------

_make_environment() {
    local name=$1 folder=$2
    if [[ -f $folder/installed ]]; then return; fi
    rm -rf "$folder"
    logged "$LOGS/$name-tools.log" "Making an environment for dev/$name" "$(odoo_python)" -m venv "$folder"
    logged "$LOGS/$name-tools.log" "Installing what dev/$name needs" "$folder/bin/pip" install --quiet \
        --disable-pip-version-check --no-input -r "$CHECKOUT/dev/requirements-$name.txt"
    touch "$folder/installed"
}

# Prints the folder of the environment of dev/requirements-NAME.txt, which is made once. NAME
own_environment() {
    local folder
    folder=$SIG_HOME/$1-$(hash_of_files "dev/requirements-$1.txt")
    locked "$1-tools" _make_environment "$1" "$folder"
    printf %s "$folder"
}

# --- Template databases ---------------------------------------------------------------------------------------------

manifest_depends() {
    "$PYTHON" -c 'import ast, sys; print(",".join(sorted(ast.literal_eval(open(sys.argv[1]).read())["depends"])))' \
        "$CHECKOUT/__manifest__.py"
}

_make_base() {
    odoo_once "$LOGS/base.log" "Installing what the addon depends on (once, about a minute)" \
        -d "$1" -i "$(manifest_depends)" --load-language="$LANGUAGE"
}

_make_module() {
    db_clone "$BASE_TEMPLATE" "$1"
    odoo_once "$LOGS/install.log" "Installing $MODULE" -d "$1" -i "$MODULE"
    die_on_problems "$LOGS/install.log" "Installing $MODULE logs warnings or errors."
}

# Sets BASE_TEMPLATE: a database with what the addon depends on and Spanish, made once for all checkouts.
base_template() {
    BASE_TEMPLATE=sig_base_$(printf '%s\n' "$(odoo_version)" "$(manifest_depends)" "$LANGUAGE" | hash_of_input)
    db_template "$BASE_TEMPLATE" _make_base
}

# Sets MODULE_TEMPLATE: the same with the addon as it is now, without demo data. Made once for each state of its files
# (tests apart).
module_template() {
    local name
    base_template
    MODULE_TEMPLATE=sig_${CHECKOUT_KEY}_addon_$(addon_hash "$BASE_TEMPLATE")
    if db_exists "$MODULE_TEMPLATE"; then return; fi
    # The last two stay: another run may be about to clone one, and branches are switched to and fro.
    for name in $(db_names "sig\\_${CHECKOUT_KEY}\\_addon\\_%" | head -n -2); do
        [[ $name == *_making ]] || db_drop "$name"
    done
    db_template "$MODULE_TEMPLATE" _make_module
}

# --- A demo that a script drives by a browser -----------------------------------------------------------------------

_stop_own_demo() {
    [[ -z ${own_server:-} ]] || { kill "$own_server" && wait "$own_server"; } 2>/dev/null || true
    db_drop "$own_database"
    rm -f "$SIG_HOME/demo-$own_database.stamp"
}

# Make a demo that goes away with the script, and serve it at OWN_DEMO. NAME [MODULES OF OTHERS [OPTIONS OF ODOO]]
serve_own_demo() {
    local port name=$1 others=${2:-}
    shift $(($# < 2 ? $# : 2))
    prepare
    db_drop_dead_runs
    own_database=sig_${CHECKOUT_KEY}_${name}_run$$
    port=$(free_port)
    # shellcheck disable=SC2034  # for the scripts that source this
    OWN_DEMO=http://127.0.0.1:$port
    trap _stop_own_demo EXIT
    SIG_DEMO_DB=$own_database SIG_DEMO_PORT=$port "$CHECKOUT/dev/run" --no-serve
    [[ -z $others ]] || odoo_once "$LOGS/$name-install.log" "Installing $others" -d "$own_database" -i "$others" "$@"
    step "Going through it; the log of the server is $LOGS/$name.log"
    "$PYTHON" -m odoo -d "$own_database" --db-filter="^$own_database\$" --http-port="$port" --max-cron-threads=0 "$@" \
        >"$LOGS/$name.log" 2>&1 &
    own_server=$!
}

# --- Beside the modules of Odoo -------------------------------------------------------------------------------------

# shellcheck disable=SC2034  # for the scripts that source this
declare -A HOST_MODULES=(
    [core]="base_automation mail portal privacy_lookup rating survey website test_access_rights test_base_automation test_mail test_mail_full test_rpc"
    [apps]="crm sale_management project hr_holidays mass_mailing account contacts calendar"
)

_make_host() {
    odoo_once "$LOGS/host.log" "Installing the modules of Odoo without the addon (once, minutes)" \
        -d "$1" -i "$(manifest_depends),${HOST_MODULES[$group]// /,}"
}

_make_guest() {
    db_clone "$HOST" "$1"
    odoo_once "$LOGS/guest.log" "Installing $MODULE beside them" -d "$1" -i "$MODULE"
}

# Sets HOST and GUEST: databases with a group of modules, without the addon (once for all checkouts), and with it. GROUP
host_templates() {
    local group=$1 name prefix=sig_${CHECKOUT_KEY}_guest_$1
    HOST=sig_host_$(printf '%s\n' "$(odoo_version)" "$(manifest_depends)" "${HOST_MODULES[$group]}" | hash_of_input)
    db_template "$HOST" _make_host
    GUEST=${prefix}_$(addon_hash "$HOST")
    for name in $(db_names "${prefix//_/\\_}\\_%"); do
        [[ $name == "$GUEST" ]] || db_drop "$name"
    done
    db_template "$GUEST" _make_guest
}
