# A volunteer's phone is stolen with work that nobody else has.

heading '## A stolen phone'
tell 'Hòa logs what the blood festivals brought: lines 6, 7 and 14 of the report. Lan, a colleague, will be in town tomorrow.'

joins hoa so_y_te_huyet_hoc volunteer 'Nguyễn Thị Hòa'
joins lan so_y_te_van_phong volunteer 'Trần Thị Lan'
stolen=$(device_of hoa)

heading '### What Hòa did'
tell 'One record reaches the centre, one is handed over to Lan, one is on the phone only when it is stolen that night.'
act hoa log --kind blood_donation --campaign ngay_hoi_hien_mau --date 7/4/2023 --note 'đợt 1 và 3' blood_units=657
act hoa sync
act hoa log --kind blood_donation --campaign hanh_trinh_do --date 18/6/2023 --note 'Hành trình đỏ' blood_units=31
act hoa handover hoa.gui
act lan carry hoa.gui
act hoa log --kind medical_check --date 18/6/2023 medical_checks=hơn:2745
act hoa status

heading '### The office shuts the phone out'
tell 'Hòa calls the office. Revoking names the last good batch of each of the phone’s journals: what the centre has is good.'
act van_phong devices revoke "${stolen:0:16}" --data office
expect_total blood_units 657

heading '### Lan syncs'
tell 'What Lan carries was sealed before the theft, but it arrives after the revocation and is not among what was named good: it is held,' \
  'not refused.'
act lan sync
expect_total blood_units 657
act van_phong held --data office
batch=$(office_server held --data office --format json | jq -r '.items[0].batch')
tell 'Lan had the file in her hands while Hòa still had the phone, so the office says that this batch is good, too.'
act van_phong devices revoke "${stolen:0:16}" --good "$batch" --data office
expect_total blood_units 688

heading '### The thief'
tell 'Somebody plays with the stolen phone, which still knows its key, and it syncs. What it sends is kept and held, the record that Hòa could' \
  'not send among it; nobody can tell one from the other. It reads nothing any more.'
cp "$work/phone-hoa.phusa" "$work/phone-trom.phusa"
act trom log --kind tree_planting trees=5000
refused trom sync
act van_phong held --data office
expect 'trees' "$(total trees total)" ''
expect 'medical checks' "$(total medical_checks total)" ''

heading '### A new phone for Hòa'
tell 'The office hands out a code that says whose place the new phone takes. It brings back what the centre has of Hòa’s.'
code=$(code_for so_y_te_huyet_hoc volunteer --replaces "${stolen:0:16}")
act hoa_moi join "$address" "$code" --name 'Nguyễn Thị Hòa' --replaces "$stolen"
act hoa_moi sync
act hoa_moi list
expect 'records on the new phone' "$(quietly hoa_moi list --format json | jq length)" 2
tell 'The free medical checks of the last evening are not among them. Hòa still knows them, and logs them again; the old record stays held' \
  'whatever becomes of the stolen phone.'
act hoa_moi log --kind medical_check --date 18/6/2023 --note 'ghi lại sau khi mất máy' medical_checks=hơn:2745
tell 'Hòa goes on with yesterday’s records, too.'
first=$(quietly hoa_moi list --format json | jq -r '.[] | select(.values.blood_units == "657").id')
act hoa_moi edit "$first" --place 'thành phố Cần Thơ'
act hoa_moi sync
expect_total blood_units 688
expect_total medical_checks 2745 more
show_lines blood_units
verify

heading '### What is lost, held, recovered'
table \
  'received before' '657 blood units: counted all the time, and on the new phone' \
  'handed over' '31 blood units: held as `revoked` until the office named the batch good, then counted' \
  'on the phone only' '2.745 medical checks: lost to Hòa, who logs them again; counted once, for the first record is held' \
  'the thief’s' '5.000 trees: held, never counted'
