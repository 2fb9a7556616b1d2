# What the demo stands on: its folder, the server's process, phones as processes, saying what happens.
# Sourced by `demo`, which sets: bin (the binaries' folder), here (this folder).

readonly figures=$here/cantho/figures
readonly organisation=$here/cantho

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }

give_up() {
  trap - ERR
  printf '\n%s: %s\n' "${title:-demo}" "$*" >&2
  if [[ -s ${work:-}/server.log ]]; then
    printf -- '--- the last of the server'\''s log, %s\n' "$work/server.log" >&2
    tail -n 30 "$work/server.log" >&2
  fi
  keep=yes
  exit 1
}

# Ends what this run started, whatever the state it is in, and clears its folder away unless something failed.
clean_up() {
  local process
  for process in $(jobs -p); do
    kill -CONT "$process" 2>/dev/null || true
    kill -TERM "$process" 2>/dev/null || true
  done
  wait || true
  if [[ -n ${keep:-} ]]; then
    printf '%s: everything of this run is kept in %s\n' "${title:-demo}" "$work" >&2
  else
    rm -rf "$work"
  fi
}

rows() { awk -f "$here/csv.awk" "$1"; }

# until_true WHAT COMMAND...: waits for a condition, for as long as a slow machine may need.
until_true() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 1200; ++tries)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  give_up "waited for: $what"
}

server() {
  "$bin/phusa-server" "$@"
}

server_listens_or_is_gone() { grep -q '://' "$work/server.out" || ! kill -0 "$server_pid" 2>/dev/null; }

# The kernel gives the first start a free port; later ones keep it, for phones know the address.
start_server() {
  : >"$work/server.out"
  # Not by the function: signals are for the process itself, not for a shell around it.
  "$bin/phusa-server" serve --data "$work/office" --listen "127.0.0.1:${port:-0}" >>"$work/server.out" 2>>"$work/server.log" &
  server_pid=$!
  until_true 'the server to listen' server_listens_or_is_gone
  address=$(grep -o 'http://[^ ]*' "$work/server.out") || give_up 'the server does not start'
  port=${address##*:}
}

stop_server() {
  kill -TERM "$server_pid"
  wait "$server_pid" || give_up "the server did not end well after SIGTERM (status $?)"
}

# phone NAME COMMAND...: one process on that phone's own store. Its errors are the demo's.
phone() {
  local name=$1
  shift
  "$bin/phusa" --store "$work/$name.phusa" "$@"
}

# try_phone NAME COMMAND...: the same; what it says goes to a log, and a failure ends the demo.
try_phone() {
  phone "$@" >>"$work/phones.log" 2>&1 ||
    give_up "phone $1 failed at: phusa ${*:2}"$'\n'"$(tail -n 3 "$work/phones.log")"
}

declare -A name_of_device  # hexadecimal id -> what the demo calls it

enrol() {
  local name=$1 unit=$2 role=$3 code
  code=$(server enrol --data "$work/office" --unit "$unit" --role "$role" --format json | jq -er .code) ||
    give_up "no enrolment code for $unit"
  try_phone "$name" join "$address" "$code"
  name_of_device[$(status_of "$name" device)]=$name
}

status_of() { phone "$1" status --format json | jq -r ".$2 // 0"; }

# Whether somebody's request lies unread in the server's socket: the phone has sent it, the server has not seen it.
request_is_waiting() {
  local hex
  printf -v hex '%04X' "$port"
  awk -v port=":$hex" '$2 ~ port "$" && $4 == "01" { split($5, queue, ":"); if (queue[2] != "00000000") found = 1 }
    END { exit !found }' /proc/net/tcp
}
