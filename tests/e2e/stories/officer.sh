# An officer's phone is lost with vouchers that nobody used yet, and with bundles of others.

heading '## A lost officer’s phone'
tell 'The trees of the report, lines 1 to 5, were planted by people of the agricultural department. Minh and Lan have joined before. Tú' \
  'has a new phone. Their officer visits them in Phong Điền, where there is no network.'

joins minh so_nong_nghiep_khuyen_nong volunteer 'Lê Văn Minh'
joins lan so_nong_nghiep_trong_trot volunteer 'Trần Thị Lan'
joins can_bo so_nong_nghiep officer 'Phạm Văn Bí Thư'
lost=$(device_of can_bo)
stop_server

heading '### What the officer took along'
act minh log --kind tree_planting --campaign chu_nhat_xanh_dot_1 --campaign thang_thanh_nien --date 5/3/2023 --place 'xã Nhơn Ái' trees=1000
act minh log --kind tree_planting --date 19/5/2023 --place 'phường Cái Khế' trees=30
act minh handover minh.gui
act lan log --kind tree_planting --campaign chu_nhat_xanh --date 14/5/2023 --place 'xã Thới Hưng' trees=200
act lan log --kind tree_planting --campaign chu_nhat_xanh --date 16/7/2023 --place 'xã Mỹ Khánh' trees=200
act lan handover lan.gui
act can_bo carry minh.gui lan.gui
tell 'And a welcome for Tú, who will use it later.'
act tu enrol-request tu.don --name 'Đỗ Văn Tú'
act can_bo vouch tu.don --out tu.giay --unit so_nong_nghiep_van_phong --yes
act can_bo status
expect 'carried' "$(status_field can_bo carried_bundles)" 2

heading '### The phone is gone'
tell 'It falls into the river, or so everybody thinks. The office revokes it.'
start_server
act van_phong devices revoke "${lost:0:16}" --data office
expect 'trees' "$(total trees total)" ''

heading '### The bundles'
tell 'What was handed over is still on the phones that logged it, and they know that nobody has confirmed it.'
act minh status
tell 'Minh finds a network and syncs himself. Lan hands over again, this time to Minh.'
act minh sync
expect_total trees 1030
act lan handover lan-2.gui
act minh carry lan-2.gui
act minh sync
expect_total trees 1430
act minh receipts export bien-nhan.phusa
act lan receipts import bien-nhan.phusa
expect "lan's handed over" "$(status_field lan handed_over)" 0

heading '### The voucher'
tell 'Tú joins with the welcome, without a network as it was meant, logs, and comes to town. The office does not know the phone, and whoever' \
  'vouched for it is revoked by now: the work is held until the office has looked.'
act tu join tu.giay
act tu log --kind tree_planting --campaign chu_nhat_xanh --date 15/10/2023 --place 'huyện Cờ Đỏ' --partner cum_4 trees=500
act tu sync
expect_total trees 1430
act tu list
expect "tu's held" "$(status_field tu held)" 1
act van_phong held --data office
tell 'A call settles it: that is Tú of the department’s office.'
act van_phong devices accept "$(device_of tu)" --data office
expect_total trees 1930
act tu sync
expect "tu's held" "$(status_field tu held)" 0

heading '### The lost phone turns up'
tell 'A fisherman finds it and it syncs: what it carried is known already, by the hashes of its batches. A revoked phone reads nothing.'
refused can_bo sync
expect_total trees 1930
show_lines trees
verify

heading '### What is lost, held, recovered'
table \
  'carried bundles' '1.430 trees: still on the phones that logged them; one synced, one handed over again; counted once, also when the lost phone turned up' \
  'the unused voucher' 'worked without a network; 500 trees held as `vouch_revoked` until the office accepted the phone, then counted' \
  'lost' 'nothing but the officer’s phone'
