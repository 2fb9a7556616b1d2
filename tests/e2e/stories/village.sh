# A village day without any network but the officer's, in the evening.

heading '## A village day with no network at all'
tell 'Three volunteers, whose phones have never seen a server, give gifts in Cờ Đỏ: lines 8, 9 and 10 of the report. Their officer, who' \
  'joined long ago, is with them. There is no network.'

quietly can_bo join "$address" "$(code_for so_lao_dong officer)" --name 'Trần Thị Bí Thư'
stop_server

heading '### In the morning: three phones are let in'
tell 'Each new phone writes a request; the officer looks at it, compares the mark that the volunteer reads out from the phone, and signs a' \
  'welcome. (On a terminal `vouch` asks; here the answer is given with `--yes`.)'
declare -A full_name=([mai]='Lê Thị Mai' [nam]='Nguyễn Văn Nam' [bay]='Phạm Thị Bảy')
declare -A branch=([mai]=so_lao_dong_viec_lam [nam]=so_lao_dong_bao_tro [bay]=so_lao_dong_bao_tro)
for name in mai nam bay; do
  act "$name" enrol-request "$name.don" --name "${full_name[$name]}"
  if [[ $name == nam ]]; then
    tell 'A welcome is for one phone alone: Nam tries with Mai’s.'
    refused nam join mai.giay
  fi
  act can_bo vouch "$name.don" --out "$name.giay" --unit "${branch[$name]}" --yes
  act "$name" join "$name.giay"
done
expect 'vouches used' "$((50 - $(status_field can_bo vouches_left)))" 3

heading '### Over the day: they log'
act mai log --kind gift_giving --date 1/6/2023 --label thieu_nhi --note 'quà cho thiếu nhi' gifts=2219 gifts_worth_vnd=hơn:452000000
act nam log --kind gift_giving --date 20/7/2023 --label cuu_tnxp --place 'huyện Cờ Đỏ' --partner cum_4 gifts=13
act bay log --kind gift_giving --date 27/7/2023 --label cuu_tnxp --place 'huyện Cờ Đỏ' --partner cum_4 gifts=6 gifts_worth_vnd=23000000

heading '### In the afternoon: they hand over'
for name in mai nam; do act "$name" handover "$name.gui"; done
tell 'Bảy will not be back at the meeting place, so Nam takes hers along and hands both on. What he carries he cannot read.'
act bay handover bay.gui
act nam carry bay.gui
act nam handover --carried-only chuyen-tiep.gui
act can_bo carry mai.gui nam.gui chuyen-tiep.gui
tell 'The officer vouched for these phones, so the bundles are sealed for her phone too: it says how much is inside. Bảy’s phone knows' \
  'that her work is on its way.'
act bay status
expect "bay's handed over" "$(status_field bay handed_over)" 1
expect 'carried by the officer' "$(status_field can_bo carried_bundles)" 3

heading '### In the evening: one phone meets a network'
start_server
act can_bo sync
act can_bo receipts export bien-nhan.phusa
expect 'carried by the officer' "$(status_field can_bo carried_bundles)" 0
tell 'Three volunteers count at the centre, and of all these phones only the officer’s was ever seen there.'
show_lines gifts
expect_total gifts 2238
expect_total gifts_worth_vnd 475000000 more
expect 'devices seen' "$(office_server devices list --data office --format json | jq '[.[] | select(.last_seen != "")] | length')" 1

heading '### The next day: the receipts come back'
stop_server
for name in mai nam bay; do act "$name" receipts import bien-nhan.phusa; done
act bay list
for name in mai nam bay; do
  expect "$name, handed over" "$(status_field "$name" handed_over)" 0
  expect "$name, received or counted" "$(($(status_field "$name" received) + $(status_field "$name" counted)))" 1
done
tell 'Weeks later Mai comes to town and syncs herself. Everything is known already; nothing counts twice.'
start_server
act mai sync
act bay sync
expect_total gifts 2238
verify

heading '### What is lost, held, recovered'
table \
  'lost' 'nothing' \
  'held' 'nothing' \
  'on the way' 'three records, for a day, as `đã gửi nhờ` on the phones that logged them; a lost memory stick would have cost another hand-over' \
  'counted' '2.238 gifts from three phones, each line with the phone that logged it, once, whatever way it came'
