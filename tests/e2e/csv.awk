# Rows of a CSV file (one line each, cells may be quoted) without the header, cells parted by the unit separator.
{
  sub(/\r$/, "")
  if (NR == 1) next
  out = ""
  cell = ""
  quoted = 0
  for (i = 1; i <= length($0); i++) {
    c = substr($0, i, 1)
    if (quoted) {
      if (c != "\"") cell = cell c
      else if (substr($0, i + 1, 1) == "\"") { cell = cell "\""; i++ }
      else quoted = 0
    } else if (c == "\"") quoted = 1
    else if (c == ",") { out = out cell "\037"; cell = "" }
    else cell = cell c
  }
  print out cell
}
