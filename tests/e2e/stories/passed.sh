# A phone goes from one person to another.

heading '## A phone passed on'
tell 'Phúc leaves for another city and gives the unit’s phone to Tâm. Lines 11 to 13 of the report: works and tasks, one of the city, three' \
  'of the block, more than 57 of the grassroots.'

joins phuc van_phong_uy_ban volunteer 'Võ Văn Phúc'
phone_named[tam]=phuc  # the same phone
before=$(device_of phuc)

# How many of the phone's files hold something that Phúc wrote.
files_with_words() { { grep -l -a -e 'Rạch Cam' -e 'thư viện' "$work"/phone-phuc.phusa* || true; } | wc -l; }

heading '### Phúc goes'
act phuc log --kind youth_work --date 20/3/2023 --label thanh_pho --note 'công trình của Phúc: cầu Rạch Cam' works_and_tasks=1
act phuc sync
act phuc log --kind youth_work --date 25/3/2023 --label khoi --note 'công trình của Phúc: thư viện' works_and_tasks=3
tell 'Leaving is refused while something is on this phone alone.'
refused phuc leave
tell 'A sync would do. There is no network now, so Phúc hands over; a colleague carries the file to town.'
joins ha van_phong_uy_ban volunteer 'Đinh Thị Hà'
expect 'words are there before' "$(($(files_with_words) > 0))" 1
act phuc handover phuc.gui
act ha carry phuc.gui
act phuc leave
expect 'files with Phúc’s words' "$(files_with_words)" 0
tell 'Nothing of Phúc’s is in the phone’s file any more, not even in pages that the database had freed.'

heading '### Tâm comes'
act tam join "$address" "$(code_for van_phong_uy_ban volunteer)" --name 'Bùi Thị Tâm'
expect 'another device' "$([[ $(device_of tam) != "$before" ]] && echo yes)" yes
act tam sync
act tam list
expect 'records that Tâm sees' "$(quietly tam list --format json | jq length)" 0
act tam log --kind youth_work --date 20/11/2023 --label co_so --note 'công trình của Tâm' works_and_tasks=hơn:57
act tam sync
expect_total works_and_tasks 58 more
tell 'Phúc’s hand-over reaches the centre a day later.'
act ha sync
expect_total works_and_tasks 61 more
show_lines works_and_tasks
verify

heading '### What is lost, held, recovered'
table \
  'Phúc’s' 'one record received, one handed over: both count, under his device' \
  'on the phone' 'nothing of Phúc’s: neither records nor words nor key; Tâm is a person and a device of her own' \
  'Tâm’s' 'counts beside Phúc’s' \
  'lost, held' 'nothing; Phúc’s receipt has no phone to come back to, the centre has the record'
