# The paper's lines into records, and the totals beside the paper's. Sourced by `demo`.

declare -A phone_of day_of last_day_of partner_of unit_of ids

read_plan() {
  local line phone day last_day partner unit person
  while IFS=$'\x1f' read -r line phone day last_day partner; do
    phone_of[$line]=$phone day_of[$line]=$day last_day_of[$line]=$last_day partner_of[$line]=$partner
  done < <(rows "$here/days.csv")
  phones=()
  while IFS=$'\x1f' read -r phone unit person; do
    phones+=("$phone")
    unit_of[$phone]=$unit
  done < <(rows "$here/phones.csv")
}

# 2745 "more than" is written more:2745.
as_written() {
  case $2 in
    exact) printf '%s' "$1" ;;
    'more than') printf 'more:%s' "$1" ;;
    nearly) printf 'nearly:%s' "$1" ;;
    *) give_up "the results say '$2', which is no qualifier" ;;
  esac
}

# log_record LINE KIND CAMPAIGNS OCCASION PLACE LABEL VALUE...: on the phone that the plan gives the line to.
log_record() {
  local line=$1 kind=$2 campaigns=$3 occasion=$4 place=$5 label=$6 campaign id
  shift 6
  local phone=${phone_of[$line]}
  local options=(--kind "$kind" --unit "${unit_of[$phone]}" --date "${day_of[$line]}")
  [[ -z ${last_day_of[$line]} ]] || options+=(--until "${last_day_of[$line]}")
  [[ -z ${partner_of[$line]} ]] || options+=(--partner "${partner_of[$line]}")
  for campaign in ${campaigns//;/ }; do options+=(--campaign "$campaign"); done
  [[ -z $occasion ]] || options+=(--note "$occasion")
  [[ -z $place ]] || options+=(--place "$place")
  [[ -z $label ]] || options+=(--label "$label")
  id=$(phone "$phone" log "${options[@]}" "$@" 2>>"$work/phones.log") ||
    give_up "phone $phone could not log line $line: $(tail -n 1 "$work/phones.log")"
  ids[$line]+="$id "
  logged_records=$((logged_records + 1))
}

# What the phones get wrong at first: "LINE INDICATOR" -> what is logged instead.
declare -A slips=(["2 trees"]=300 ["7 blood_units"]=13)

# All lines of the paper. Neighbouring rows of one line, occasion and label are one record with several values.
log_all_lines() {
  local line kind campaigns occasion place indicator label value qualifier
  local key before='' pending=() values=()
  logged_records=0 logged_values=0
  while IFS=$'\x1f' read -r line kind campaigns occasion place indicator label value qualifier; do
    key=$line/$occasion/$label
    if [[ $key != "$before" && -n $before ]]; then
      log_record "${pending[@]}" "${values[@]}"
      values=()
    fi
    before=$key
    pending=("$line" "$kind" "$campaigns" "$occasion" "$place" "$label")
    value=${slips["$line $indicator"]:-$value}
    values+=("$indicator=$(as_written "$value" "$qualifier")")
    logged_values=$((logged_values + 1))
  done < <(rows "$figures/cantho-2023-results.csv")
  log_record "${pending[@]}" "${values[@]}"
}

# sum_of INDICATOR [CAMPAIGN]: what the lines of the paper add up to; a campaign includes its rounds.
sum_of() {
  rows "$figures/cantho-2023-results.csv" | awk -F '\037' -v indicator="$1" -v campaign="${2:-}" '
    $6 == indicator && (campaign == "" || ";" $3 ~ ";" campaign) { sum += $8; found = 1 }
    END { if (found) printf "%.0f", sum }'
}

# total_of INDICATOR [CAMPAIGN] FIELD: from the server, as its JSON has it.
total_of() {
  local options=(--by indicator --indicator "$1")
  [[ -z $2 ]] || options+=(--campaign "$2")
  server totals --data "$work/office" "${options[@]}" --format json | jq -r ".rows[0].$3 // \"\""
}

# As the papers have it: > more than, ~ nearly.
marked() {
  case $2 in
    more | 'more than') printf '>%s' "$1" ;;
    nearly) printf '~%s' "$1" ;;
    mixed) printf '%s (some more)' "$1" ;;
    *) printf '%s' "$1" ;;
  esac
}

# Prints the totals beside the paper's. Counts in `wrong` what should agree and does not.
compare_totals() {
  local indicator filter total qualifier lines missing derived campaign ours records verdict
  wrong=0
  printf '%-18s %-14s %7s %20s %15s %12s\n' indicator campaign records "the phones'" "the paper's" difference
  while IFS=$'\x1f' read -r indicator filter total qualifier lines missing derived; do
    campaign=${filter#campaign=}
    ours=$(total_of "$indicator" "$campaign" total)
    records=$(total_of "$indicator" "$campaign" records)
    if [[ "$ours" != "$(sum_of "$indicator" "$campaign")" ]]; then
      verdict="WRONG: the lines add up to $(sum_of "$indicator" "$campaign")"
    elif [[ $missing == 0 && $ours == "$total" ]]; then
      verdict='exact'
    elif [[ $missing == 0 ]]; then
      verdict='WRONG'
    elif [[ -z $ours ]]; then
      verdict='the paper states it without any line'
    elif [[ -n $missing && $((ours + missing)) == "$total" ]]; then
      verdict="as it must be: the paper does not itemise $missing"
    elif [[ -n $missing ]]; then
      verdict='WRONG'
    else
      verdict='the paper does not itemise the rest'
    fi
    [[ $verdict != WRONG* ]] || wrong=$((wrong + 1))
    printf '%-18s %-14s %7s %20s %15s %12s  %s\n' "$indicator" "${campaign:--}" "${records:-0}" \
      "$(marked "${ours:--}" "$(total_of "$indicator" "$campaign" qualifier)")" "$(marked "$total" "$qualifier")" \
      "$((total - ${ours:-0}))" "$verdict"
  done < <(rows "$figures/cantho-2023-totals.csv")
}

# Every indicator that has a line, also those of which the paper states no total.
compare_sums() {
  local indicator ours checked=0
  for indicator in $(rows "$figures/cantho-2023-results.csv" | awk -F '\037' '!seen[$6]++ { print $6 }'); do
    ours=$(total_of "$indicator" '' total)
    checked=$((checked + 1))
    [[ $ours == "$(sum_of "$indicator")" ]] || {
      say "WRONG: $indicator is $ours, its lines add up to $(sum_of "$indicator")"
      wrong=$((wrong + 1))
    }
  done
  say "$checked indicators compared with the sums of their lines"
}

# What a total is made of: which phone logged a line, when, and when the server got what it now is.
print_lines() {
  local record amount qualifier unit day device logged received
  printf '%-18s %12s  %-10s %-28s %-8s %-20s  %-20s\n' "$1" amount day unit phone logged received
  while IFS=$'\t' read -r record amount qualifier unit day device logged received; do
    printf '%-18s %12s  %-10s %-28s %-8s %-20s  %-20s\n' "$record" "$(marked "$amount" "$qualifier")" "$day" "$unit" \
      "${name_of_device[$device]:-$device}" "$logged" "$received"
  done < <(server totals --data "$work/office" --indicator "$1" --lines --format json |
    jq -r '.lines[] | [.record, .amount, .qualifier, .unit, .day, .device, .logged_at, .received_at] | @tsv')
}

canonical() { jq -S '[.rows[] | with_entries(select(.value != "" and .value != null))] | sort'; }

# The same question at the office's device, at the server's command line and over HTTP: one answer.
compare_doors() {
  local by device command http
  for by in indicator unit campaign kind label:served label:level month; do
    device=$(phone office totals --by "$by" --format json | canonical)
    command=$(server totals --data "$work/office" --by "$by" --format json | canonical)
    http=$(curl -fsS -H "Authorization: Bearer $token" "$address/v1/totals?by=$by" | canonical)
    if [[ $device == "$command" && $command == "$http" ]]; then
      printf 'by %-12s %4s rows, the same at all three\n' "$by" "$(jq length <<<"$http")"
    else
      say "WRONG: by $by the three do not agree"
      diff <(printf '%s\n' "$device") <(printf '%s\n' "$command") | head -n 20 || true
      diff <(printf '%s\n' "$command") <(printf '%s\n' "$http") | head -n 20 || true
      wrong=$((wrong + 1))
    fi
  done
}
