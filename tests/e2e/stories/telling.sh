# How a story is told: people act, their words and what the programs answer go to the page, figures are checked.
# Sourced by `run`, which sets: bin, work, transcript, wrong.

write() { printf '%s\n' "$*" >>"$transcript"; }

# A paragraph of the page, in lines of a width that people read.
tell() {
  close_block
  awk -v width=140 '{
    line = ""
    for (i = 1; i <= NF; ++i) {
      if (line != "" && length(line) + 1 + length($i) > width) { print line; line = $i }
      else line = line == "" ? $i : line " " $i
    }
    print line
  }' <<<"$*" >>"$transcript"
  write ''
}

# table FIRST SECOND...: what was lost, held, recovered, a row for two words.
table() {
  close_block
  write '| what | becomes of it |'
  write '|---|---|'
  while (($#)); do
    write "| $1 | $2 |"
    shift 2
  done
  write ''
}

heading() {
  close_block
  write "$*"
  write ''
}

open_block() {
  [[ -n ${in_block:-} ]] || write '```console'
  in_block=yes
}

close_block() {
  [[ -z ${in_block:-} ]] || { write '```'; write ''; }
  in_block=''
}

# What one would type: words with blanks or marks in quotes.
typed() {
  local word out=''
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then out+=" $word"; else out+=" '$word'"; fi
  done
  printf '%s' "${out# }"
}

declare -A phone_named  # people's names -> whose phone they use, where it is not their own

# phone_of NAME COMMAND...: the person's phone, in Vietnamese. Everybody's files lie in one folder, as if on one memory
# stick.
phone_of() {
  local name=$1
  shift
  (cd "$work/stick" && LC_ALL=vi_VN.UTF-8 PHUSA_STORE="$work/phone-${phone_named[$name]:-$name}.phusa" "$bin/phusa" "$@")
}

office_server() {
  (cd "$work" && LC_ALL=vi_VN.UTF-8 "$bin/phusa-server" "$@")
}

# act NAME COMMAND...: it must succeed; what is typed and what is said go to the page. Leaves the output in `said`.
act() { act_with 0 "$@"; }
# refused NAME COMMAND...: the same, and it must fail.
refused() { act_with 1 "$@"; }

act_with() {
  local wanted=$1 name=$2 status=0
  shift 2
  if [[ $name == van_phong ]]; then
    said=$(office_server "$@" 2>&1) || status=$?
  else
    said=$(phone_of "$name" "$@" 2>&1) || status=$?
  fi
  open_block
  if [[ $name == van_phong ]]; then
    write "$name\$ phusa-server $(typed "$@")"
  else
    write "$name\$ phusa $(typed "$@")"
  fi
  [[ -z $said ]] || write "$said"
  [[ $status == "$wanted" ]] || give_up "$name: exit status $status, not $wanted, of: $*"$'\n'"$said"
}

# quietly NAME COMMAND...: the same without a word on the page; must succeed.
quietly() {
  local name=$1
  shift
  phone_of "$name" "$@" 2>>"$work/quiet.log" || give_up "$name failed at: $*"$'\n'"$(tail -n 3 "$work/quiet.log")"
}

status_field() { quietly "$1" status --format json | jq -r ".$2"; }
device_of() { status_field "$1" device; }

# expect WHAT IS WANTED
expect() {
  if [[ $2 == "$3" ]]; then return 0; fi
  say "WRONG in $story: $1 is '$2', must be '$3'"
  wrong=$((wrong + 1))
}

# total INDICATOR FIELD: at the office
total() {
  office_server totals --data office --indicator "$1" --format json | jq -r ".rows[0].$2 // \"\""
}

expect_total() {
  expect "total of $1" "$(total "$1" total)" "$2"
  expect "qualifier of $1" "$(total "$1" qualifier)" "${3:-exact}"
}

# A total and the lines it is made of, on the page.
show_lines() {
  act van_phong totals --data office --indicator "$1"
  act van_phong totals --data office --indicator "$1" --lines
}

# Nobody may have to trust the figures: everything is replayed from the first entry on.
verify() { act van_phong verify --data office; }

begin_story() {
  story=$1
  work=$root/$story
  transcript=$work/story.md
  mkdir -p "$work/stick"
  : >"$transcript"
  : >"$work/server.log"
  phone_named=()
  in_block='' port=''
  say "== $story"
  office_server init --data office --org "$organisation" >>"$work/server.log" 2>&1 || give_up 'init failed'
  start_server
}

end_story() {
  close_block
  stop_server
}

# Whether the page tells this story as it went.
compare_with_page() {
  if diff <(section_of "$page" "$(head -n 1 "$transcript")" | masked) <(masked <"$transcript"); then return 0; fi
  say "WRONG: $page tells it otherwise; look at the difference, then: tests/e2e/stories/run --bin DIR --write $page"
  wrong=$((wrong + 1))
}

# code_for UNIT ROLE [OPTION...]
code_for() {
  local unit=$1 role=$2
  shift 2
  office_server enrol --data office --unit "$unit" --role "$role" "$@" --format json | jq -er .code ||
    give_up "no enrolment code for $unit"
}

# joins NAME UNIT ROLE FULL_NAME: at the office, with a code; of no interest to the story.
joins() {
  quietly "$1" join "$address" "$(code_for "$2" "$3")" --name "$4"
}

# section_of PAGE HEADING: from that heading to the next of its rank.
section_of() {
  awk -v heading="$2" '$0 == heading { inside = 1; print; next } /^## / { inside = 0 } inside' "$1"
}

# What differs from run to run.
masked() {
  sed -E -e 's/[0-9A-HJKMNP-TV-Z]{13}-[0-9]+/ID/g' -e 's/\b[0-9a-f]{4}(-[0-9a-f]{4}){3}\b/MARK/g' \
    -e 's/\b[0-9a-f]{8,}\b/HEX/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}Z?)?/TIME/g' \
    -e 's/[0-9]+ byte/N byte/g' -e 's/127\.0\.0\.1:[0-9]+/SERVER/g' -e 's/\b[0-9A-Z]{4,5}(-[0-9A-Z]{4,5}){2,}\b/CODE/g' \
    -e 's/ +/ /g'
}
