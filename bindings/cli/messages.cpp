#include "bindings/cli/messages.hpp"

#include <algorithm>

namespace phusa::cli {
namespace {

// Grouped by what they belong to; found by key, so their order is for the reader alone. Vietnamese first in
// mind: plain words that volunteers use, the terms of the organisation's own papers, NFC.
constexpr Message kMessages[] = {
    // Failures by ErrorReply.key
    {"unknown_code", "no {0} has the code '{1}'; `phusa catalogue` lists them",
     "không có {0} nào mang mã '{1}'; xem danh sách bằng `phusa catalogue`"},
    {"unknown_code_near", "no {0} has the code '{1}'; did you mean '{2}'?",
     "không có {0} nào mang mã '{1}'; có phải '{2}' không?"},
    {"unknown_record", "there is no record {0} on this phone; `phusa list` shows the ids",
     "máy này không có bản ghi {0}; xem mã bằng `phusa list`"},
    {"not_a_record_id", "'{0}' is not a record's id; it looks like 7KQ3M9TA2B4C5-12; `phusa list` shows them",
     "'{0}' không phải mã bản ghi; mã có dạng 7KQ3M9TA2B4C5-12, xem bằng `phusa list`"},
    {"not_joined", "this phone has not joined yet; ask the office for a code, then: phusa join URL CODE",
     "máy này chưa ghi danh; xin mã của văn phòng rồi chạy: phusa join ĐỊA_CHỈ MÃ"},
    {"not_an_address", "'{0}' is no address of a server; it starts with https:// (or http://)",
     "'{0}' không phải địa chỉ máy chủ; địa chỉ bắt đầu bằng https:// (hoặc http://)"},
    {"insecure_address",
     "{0} is plain http: everybody on the way could read this phone's token and all that it sends; use the "
     "https "
     "address, or, on a network of your own, add --insecure",
     "{0} là http không mã hóa: người khác trên đường truyền đọc được mã của máy và mọi thứ máy gửi; hãy "
     "dùng địa "
     "chỉ https, hoặc thêm --insecure nếu là mạng riêng của mình"},
    {"bad_enrolment_code", "this is not a whole code; type it as the office gave it",
     "mã ghi danh chưa đúng hoặc chưa đủ; hãy gõ lại đúng như văn phòng đã cấp"},
    {"missing", "a record needs a {0}; say --{0}", "bản ghi còn thiếu {0}"},
    {"missing_value", "a record of the kind {0} needs a figure for {1}, such as {1}=10",
     "loại {0} cần có số liệu {1}, ví dụ {1}=10"},
    {"figure_on_header",
     "an event's header holds no figures; log {0} in a record of its own, with --event ID",
     "bản ghi chung của sự kiện không mang số liệu; hãy ghi {0} vào một bản ghi riêng, kèm --event MÃ"},
    {"not_a_day", "'{0}' is not a day; write yyyy-mm-dd or d/m/yyyy",
     "'{0}' không phải là ngày; hãy viết ngày/tháng/năm, ví dụ 5/2/2023, hoặc 2023-02-05"},
    {"not_a_number",
     "'{0}' is no figure for {1}: it has at most {2} decimals; write it plainly, such as 1200",
     "'{0}' không phải là số liệu của {1}: nhiều nhất {2} chữ số lẻ; hãy viết liền, ví dụ 1200"},
    {"below_zero", "{0} is below zero: write what was done of {1}, or retract the record",
     "{0} là số âm: hãy ghi số đã làm được của {1}, hoặc rút lại bản ghi"},
    {"value_out_of_range", "{0} is more than one record of {1} may hold ({2}); check the figure",
     "{0} vượt mức một bản ghi {1} được ghi ({2}); hãy xem lại số liệu"},
    {"unknown_qualifier", "'{0}' is not one of exact, more, nearly",
     "'{0}' không phải exact, more hay nearly"},
    {"label_clash", "'{0}' and '{1}' are both of the group '{2}'; choose one",
     "'{0}' và '{1}' cùng nhóm '{2}'; hãy chọn một"},
    {"given_twice", "{0} is given twice", "{0} được ghi hai lần"},
    {"too_large", "{0}: too many items, or one that is too long", "{0}: quá nhiều mục, hoặc có mục quá dài"},
    {"too_long", "{0}: longer than {1} bytes; make it shorter", "{0}: dài hơn {1} byte; hãy viết ngắn lại"},
    {"not_text", "{0}: this is not UTF-8 text", "{0}: không phải chữ UTF-8"},
    {"unknown_group",
     "totals cannot be grouped by '{0}'; choose unit, indicator, campaign, kind, one label:GROUP, month or "
     "review",
     "không nhóm được theo '{0}'; hãy chọn unit, indicator, campaign, kind, một label:NHÓM, month hoặc "
     "review"},
    {"unknown_review", "'{0}' is not one of counted, confirmed, awaiting, returned, all",
     "'{0}' không phải counted, confirmed, awaiting, returned hay all"},
    {"bad_number", "'{0}' is not a figure; write 1234 or 12.5",
     "'{0}' không phải là số; hãy viết 1234 hoặc 12.5"},
    {"ambiguous_number",
     "'{0}' can be read as {1} or as {2}; write {1} without a separator, or say --numbers vi (it is {1}) or "
     "--numbers plain "
     "(it is {2})",
     "'{0}' có thể hiểu là {1} hoặc {2}; hãy viết {1} không có dấu, hoặc thêm --numbers vi (nghĩa là {1}) "
     "hay --numbers plain "
     "(nghĩa là {2})"},
    {"number_not_plain", "'{0}' is written the Vietnamese way; write {1}, or say --numbers vi",
     "'{0}' viết theo kiểu Việt Nam; hãy viết {1}, hoặc thêm --numbers vi"},
    {"number_not_vietnamese",
     "'{0}' is not written the Vietnamese way (1.234,5); leave --numbers vi away, or write it so",
     "'{0}' không viết theo kiểu Việt Nam (1.234,5); hãy bỏ --numbers vi hoặc viết lại"},
    {"qualifier_without_number", "'{0}' says more or less than what? a figure is missing behind it",
     "sau '{0}' còn thiếu số"},
    {"not_utf8", "this text is not UTF-8; check the terminal's settings",
     "đoạn chữ không phải UTF-8; hãy kiểm tra cài đặt của terminal"},
    {"value_without_equals", "'{0}' is not INDICATOR=VALUE, such as trees=1000",
     "'{0}' chưa đúng dạng CHỈ_TIÊU=SỐ, ví dụ trees=1000"},
    {"value_is_blank", "{0} has no figure; leave it away if there is none (blank is not zero)",
     "{0} chưa có số; nếu không có thì bỏ đi (để trống không phải là số 0)"},
    {"edit_changes_nothing", "nothing to change was given, such as trees=1050 or --date 2023-02-05",
     "chưa nêu sửa gì, ví dụ trees=1050 hoặc --date 5/2/2023"},
    {"joined_already", "this phone has joined {0} already; to join another organisation use another store",
     "máy này đã ghi danh vào {0}; muốn ghi danh vào tổ chức khác, hãy dùng tệp khác (--store)"},
    {"officers_only", "that is for unit officers and the office",
     "chỉ cán bộ đoàn và văn phòng mới được làm việc này"},
    {"foreign_unit", "{0} is not one of your units ({1})", "{0} không thuộc đơn vị của mình ({1})"},
    {"no_vouches_left", "you have vouched for all the phones that the office allowed ({0}); ask it for more",
     "đã bảo lãnh đủ số máy văn phòng cho phép ({0}); hãy xin thêm"},
    {"welcome_for_another",
     "this welcome is for another phone, or not signed as it should be; ask for a new one",
     "giấy ghi danh này cho máy khác, hoặc chữ ký không đúng; hãy xin giấy mới"},
    {"not_a_device",
     "'{0}' is no phone's id: it has 32 digits and letters a to f; the office lists them, `phusa status` "
     "shows one",
     "'{0}' không phải mã máy: mã có 32 chữ số và chữ a đến f; văn phòng có danh sách, `phusa status` hiện "
     "mã máy mình"},
    {"unsent_changes",
     "{0} changes are on this phone only; sync or hand them over first, or give them up: --even-if-unsent",
     "{0} thay đổi chỉ có trên máy này; hãy đồng bộ hoặc gửi nhờ trước, hoặc bỏ luôn: --even-if-unsent"},
    {"carried_bundles",
     "this phone carries {0} bundles of others; sync or pass them on first (phusa handover --carried-only), "
     "or give "
     "them up: --even-if-unsent",
     "máy đang mang hộ {0} gói của người khác; hãy đồng bộ hoặc chuyển tiếp trước (phusa handover "
     "--carried-only), "
     "hoặc bỏ luôn: --even-if-unsent"},
    {"store_empty", "'{0}' is empty; join first: phusa join URL CODE",
     "tệp '{0}' trống; hãy ghi danh trước: phusa join ĐỊA_CHỈ MÃ"},
    {"no_store", "there is no phone data at '{0}'; check --store, or join first: phusa join URL CODE",
     "không có dữ liệu ở '{0}'; hãy kiểm tra --store, hoặc ghi danh trước: phusa join ĐỊA_CHỈ MÃ"},
    {"store_corrupt", "'{0}' is damaged, or not a phone's data ({1}); check --store, or use a copy of it",
     "'{0}' bị hỏng hoặc không phải dữ liệu của phusa ({1}); hãy kiểm tra --store hoặc dùng bản sao lưu"},
    {"store_newer",
     "'{0}' was written by a newer version of phusa; install the newest one; nothing was changed",
     "'{0}' do phiên bản phusa mới hơn ghi; hãy cài bản mới nhất; chưa có gì bị thay đổi"},
    {"bad_ca_file", "the file of certificate authorities '{0}' cannot be read; check PHUSA_CA_FILE",
     "không đọc được tệp chứng thư '{0}'; hãy kiểm tra PHUSA_CA_FILE"},

    // Failures by ErrorCode, where no key says more
    {"code.invalid_argument", "this cannot be", "yêu cầu chưa đúng"},
    {"code.not_found", "there is no such thing here", "không tìm thấy"},
    {"code.corrupt", "this is damaged and cannot be read", "dữ liệu bị hỏng, không đọc được"},
    {"code.unsupported_version", "this was written by a newer version; install the newest phusa",
     "dữ liệu do phiên bản mới hơn ghi; hãy cài phusa mới nhất"},
    {"code.busy", "another program is using this phone's data; wait for it, then try again",
     "chương trình khác đang dùng dữ liệu này; đợi xong rồi thử lại"},
    {"code.disk_full", "the disk is full; make room, then try again; what was saved before is safe",
     "bộ nhớ đã đầy; hãy dọn bớt rồi thử lại; những gì đã lưu vẫn an toàn"},
    {"code.io", "the disk did not do what it was asked; check the path and its permissions",
     "không đọc hoặc ghi được; hãy kiểm tra đường dẫn và quyền truy cập"},
    {"code.network", "there is no connection to the server; try again when there is a network",
     "chưa kết nối được máy chủ; khi có mạng hãy thử lại"},
    {"code.unexpected_reply",
     "whoever answered is not a Phù Sa server; check the address, or open a browser if this Wi-Fi wants a "
     "login first",
     "máy trả lời không phải máy chủ Phù Sa; hãy kiểm tra địa chỉ, hoặc mở trình duyệt nếu Wi-Fi này đòi "
     "đăng nhập trước"},
    {"code.unauthorized", "the server does not accept this phone; nothing is lost here; ask the office",
     "máy chủ không chấp nhận máy này; dữ liệu trên máy không mất; hãy hỏi văn phòng"},
    {"code.forbidden", "this phone may not do that", "máy này không được phép làm việc đó"},
    {"code.revoked", "the office has shut this phone out; nothing is lost here; take it to your officer",
     "máy này đã bị văn phòng thu hồi; dữ liệu trên máy không mất; hãy mang máy đến gặp cán bộ đoàn"},
    {"code.limit_exceeded", "this is larger than is allowed", "vượt quá mức cho phép"},
    {"code.conflict", "this contradicts what is already there", "điều này trái với những gì đã có"},
    {"code.unavailable", "the server is busy; try again in a while", "máy chủ đang bận; lát nữa hãy thử lại"},
    {"code.cancelled", "it was stopped", "đã dừng"},
    {"code.unimplemented", "this version cannot do that yet", "phiên bản này chưa làm được việc đó"},
    {"code.internal", "this is a fault of the program; please report it",
     "lỗi của chương trình; xin báo lại cho chúng tôi"},

    // What the network said
    {"network.bad_url", "the server's address is not an http:// or https:// address",
     "địa chỉ máy chủ phải bắt đầu bằng https:// (hoặc http://)"},
    {"network.name_unknown", "the server's name was not found: there is no network, or the address is wrong",
     "không tìm thấy máy chủ: máy chưa có mạng hoặc địa chỉ sai"},
    {"network.no_connection",
     "the server does not answer: there is no network, it is off, or the address is wrong",
     "máy chủ không trả lời: chưa có mạng, máy chủ đang tắt hoặc địa chỉ sai"},
    {"network.timed_out", "the network is too slow or broke off", "mạng quá chậm hoặc bị đứt"},
    {"network.certificate",
     "the server's certificate does not prove who it is; nothing was sent. Check the date of this phone: it "
     "is {0}",
     "chứng thư của máy chủ không hợp lệ; chưa gửi gì cả. Hãy kiểm tra ngày trên máy này: đang là {0}"},
    {"network.broken", "the connection broke off", "kết nối bị đứt giữa chừng"},
    {"network.not_http", "whoever answered there is not a web server; check the address and its port",
     "nơi trả lời không phải máy chủ web; hãy kiểm tra địa chỉ và cổng"},
    {"network.too_large", "the server's answer is longer than is allowed",
     "câu trả lời của máy chủ dài quá mức cho phép"},

    // Sync and join
    {"sync.done", "Synced: {0} changes sent, {1} records received ({2} bytes up, {3} down)",
     "Đồng bộ xong: gửi {0} thay đổi, nhận {1} bản ghi (lên {2} byte, xuống {3} byte)"},
    {"sync.delivered",
     "{0} bundles of others delivered; {1} receipts wait for them: phusa receipts export FILE",
     "Đã gửi hộ {0} gói của người khác; có {1} biên nhận cần trả lại: phusa receipts export TỆP"},
    {"sync.unreadable",
     "{0} bundles of others were damaged: the centre could not read them, and nothing in them counts; "
     "whoever gave them should hand over again",
     "{0} gói mang hộ bị hỏng: trung tâm không đọc được nên chưa tính gì; hãy nhắc người gửi gửi nhờ lại"},
    {"sync.bundles_wait",
     "{0} bundles of others still wait here: the centre cannot take them yet; a later sync offers them again",
     "{0} gói mang hộ còn nằm trên máy: trung tâm chưa nhận được; lần đồng bộ sau sẽ gửi lại"},
    {"sync.held", "{0} of the changes sent are held; `phusa list --state held` tells why",
     "{0} thay đổi đã gửi đang chờ xử lý; xem lý do: `phusa list --state held`"},
    {"sync.failed", "the sync did not succeed: {0}", "chưa đồng bộ được: {0}"},
    {"sync.revoked",
     "The office has shut this phone out since {0}: it reads nothing more. {1} records of it wait to be "
     "looked "
     "at; nothing is lost. Take the phone to your officer; its id is {2}",
     "Máy này đã bị văn phòng thu hồi từ {0}: máy không nhận thêm gì nữa. {1} bản ghi của máy đang chờ xem "
     "xét, "
     "không mất gì cả. Hãy mang máy đến gặp cán bộ đoàn; mã máy là {2}"},
    {"held_full",
     "the centre holds as much of this phone's work in doubt as it may; tell your officer. What is saved "
     "here "
     "stays, and is offered again with the next sync",
     "trung tâm đang tạm giữ hết mức cho phép phần việc của máy này; hãy báo cán bộ đoàn. Những gì còn lại "
     "vẫn "
     "lưu trên máy và sẽ gửi lại lần đồng bộ sau"},
    {"sync.cancelled", "the sync was stopped before it was done", "đã dừng, chưa đồng bộ xong"},
    {"sync.still_here", "Nothing is lost: {0} records are saved on this phone and wait for the next sync.",
     "Không mất gì cả: {0} bản ghi đã lưu trên máy, lần đồng bộ sau sẽ gửi."},
    {"sync.changes_still_here",
     "Nothing is lost: what was changed is saved on this phone and waits for the next sync.",
     "Không mất gì cả: những thay đổi đã lưu trên máy, lần đồng bộ sau sẽ gửi."},
    {"sync.nothing_waits", "Nothing is lost: the server has everything that was logged on this phone.",
     "Không mất gì cả: trung tâm đã nhận mọi bản ghi của máy này."},
    {"sync.waiting", "Trying again in {0} s. {1}", "Sẽ thử lại sau {0} giây. {1}"},
    {"sync.forked",
     "This phone's data was restored or copied: it goes on in a new journal. Nothing is lost or counted "
     "twice.",
     "Dữ liệu máy này từng được khôi phục hoặc sao chép: máy ghi tiếp vào sổ mới. Không mất gì và không tính "
     "hai lần."},
    {"progress", "{0}/{1} sent, {2} received", "đã gửi {0}/{1}, đã nhận {2}"},
    {"joined", "Joined: {1} of {0}, {2}", "Đã ghi danh: {1} của {0}, {2}"},
    {"join.failed", "this phone has not joined: {0}", "chưa ghi danh được: {0}"},
    {"unprotected", "Warning: {0} is plain http: everybody on the way can read it. Use https.",
     "Chú ý: {0} là http không mã hóa, người khác trên đường truyền đọc được. Hãy dùng https."},

    // What was done
    {"log.future_day", "Note: {0} has not come yet; the record is held until then. Is the day right?",
     "Lưu ý: chưa đến ngày {0}; bản ghi sẽ chờ xử lý đến ngày đó. Ngày ghi đã đúng chưa?"},
    {"log.early_day", "Note: {0} is long past; the record is held until the day is mended. Is it right?",
     "Lưu ý: ngày {0} đã quá xa; bản ghi sẽ chờ xử lý đến khi sửa ngày. Ngày ghi đã đúng chưa?"},
    {"log.foreign_unit",
     "Note: {0} is not one of your units ({1}); the record is held until the office agrees. Is the unit "
     "right?",
     "Lưu ý: {0} không thuộc đơn vị của mình ({1}); bản ghi sẽ chờ văn phòng xử lý. Đơn vị đã đúng chưa?"},
    {"logged", "saved on this phone", "đã lưu trên máy"},
    {"edited", "changed ({0})", "đã sửa ({0})"},
    {"retracted", "retracted; `phusa restore` brings it back", "đã rút lại; muốn khôi phục: `phusa restore`"},
    {"restored", "restored ({0})", "đã khôi phục ({0})"},
    {"reviewed", "{0}", "{0}"},
    {"list_cut", "{0} of {1} records shown", "hiện {0} trong {1} bản ghi"},
    {"not_yet_counted", "{0} records in these totals are not yet counted at the centre",
     "trong đó {0} bản ghi trung tâm chưa tính"},
    {"by_campaign", "A record counts under each of its campaigns: these rows need not add up.",
     "Một bản ghi được tính vào mọi đợt của nó, nên cộng các dòng này không ra tổng chung."},

    // Status
    {"status.conflicts", "{0} records have several versions to decide between: phusa list --conflicts",
     "{0} bản ghi có nhiều phiên bản cần chọn: phusa list --conflicts"},
    {"status.handed_over_today", "{0} records are handed over: no receipt yet",
     "đã gửi nhờ {0} bản ghi, chưa có biên nhận"},
    {"status.handed_over",
     "{0} records are handed over, and nothing was heard for {1} days; hand over again or sync",
     "đã gửi nhờ {0} bản ghi, {1} ngày rồi chưa có biên nhận; hãy gửi nhờ lại hoặc đồng bộ"},
    {"status.carried", "{0} bundles of others are carried here: the next sync delivers them",
     "đang mang hộ {0} gói của người khác: lần đồng bộ sau sẽ gửi đi"},
    {"status.receipts", "{0} receipts wait for those who handed over: phusa receipts export FILE",
     "có {0} biên nhận cần trả lại người đã gửi nhờ: phusa receipts export TỆP"},
    {"status.vouches_left", "you can vouch for {0} more phones", "còn bảo lãnh được {0} máy"},
    {"status.unsent_days", "unsent for {0} days: find a network and sync",
     "chưa gửi {0} ngày rồi: tìm chỗ có mạng và đồng bộ nhé"},
    {"status.revoked",
     "the office has shut this phone out since {0}; {1} records of it wait. Take the phone to your officer",
     "máy đã bị văn phòng thu hồi từ {0}; {1} bản ghi đang chờ. Hãy mang máy đến gặp cán bộ đoàn"},
    {"status.device", "this phone: {0}", "mã máy này: {0}"},
    {"status.not_joined", "not joined yet: phusa join URL CODE", "chưa ghi danh: phusa join ĐỊA_CHỈ MÃ"},
    {"status.joined", "{1} of {0}, {2} ({3})", "{1} của {0}, {2} ({3})"},
    {"status.never_synced", "never synced", "chưa đồng bộ lần nào"},
    {"status.last_sync", "last synced {0}", "đồng bộ lần cuối {0}"},

    // States of a record
    {"state.saved", "saved on this phone", "đã lưu trên máy"},
    {"state.handed_over", "handed over", "đã gửi nhờ"},
    {"state.received", "received", "trung tâm đã nhận"},
    {"state.counted", "counted", "đã tính"},
    {"state.held", "held", "chờ xử lý"},
    {"state.returned", "returned", "trả lại"},
    {"state.confirmed", "confirmed", "đã xác nhận"},
    {"state.retracted", "retracted", "đã rút lại"},

    // Why something is held
    {"hold.unknown_certificate", "the centre does not know this phone's certificate yet",
     "trung tâm chưa biết chứng thư của máy"},
    {"hold.revoked", "this phone's access was withdrawn", "máy đã bị thu hồi quyền"},
    {"hold.unknown_catalogue", "the centre does not know this list of codes",
     "trung tâm chưa có danh mục này"},
    {"hold.unknown_section", "written by a newer version than the centre's",
     "do phiên bản mới hơn của trung tâm ghi"},
    {"hold.missing_version", "what it changes has not arrived yet", "bản được sửa chưa về đến trung tâm"},
    {"hold.forged_counts", "its edit counts are wrong", "số lần sửa không hợp lệ"},
    {"hold.not_yours", "it is another person's record", "bản ghi của người khác"},
    {"hold.outside_scope", "the record lies outside your units", "bản ghi ngoài phạm vi đơn vị phụ trách"},
    {"hold.rank_too_low", "reviewing is for officers", "chỉ cán bộ mới được xác nhận hoặc trả lại"},
    {"hold.too_many_versions", "it has too many versions", "có quá nhiều phiên bản"},
    {"hold.refused_by_office", "refused by the office", "văn phòng không nhận"},
    {"hold.unreadable", "it cannot be read", "không đọc được"},
    {"hold.vouch_late", "its phone was vouched for too long ago; the office must accept the phone",
     "máy được bảo lãnh đã quá lâu; chờ văn phòng chấp nhận máy"},
    {"hold.vouch_quota", "its officer has vouched for too many phones; the office must accept this one",
     "cán bộ đã bảo lãnh quá số máy cho phép; chờ văn phòng chấp nhận máy"},
    {"hold.vouch_revoked", "its officer may not vouch for it; the office must accept the phone",
     "cán bộ không có quyền bảo lãnh máy này; chờ văn phòng chấp nhận máy"},
    {"hold.incomplete", "unit, kind or day is missing", "thiếu đơn vị, loại hoặc ngày"},
    {"hold.unknown_code", "it uses a code that does not exist", "dùng mã không có trong danh mục"},
    {"hold.code_not_valid", "a code was not in use on that day", "mã không còn hiệu lực vào ngày đó"},
    {"hold.value_out_of_range", "a figure is below zero or too large", "số liệu âm hoặc quá lớn"},
    {"hold.day_implausible", "the day cannot be right", "ngày không hợp lý"},
    {"hold.day_in_future", "its day has not come yet", "ngày chưa đến"},
    {"hold.foreign_unit", "it is for a unit that is not yours", "ghi cho đơn vị khác"},
    {"hold.label_clash", "two labels of one group", "hai nhãn cùng nhóm"},

    // Words of tables
    {"column.id", "id", "mã"},
    {"column.state", "state", "trạng thái"},
    {"column.date", "day", "ngày"},
    {"column.day", "day", "ngày"},
    {"column.last_day", "last day", "ngày cuối"},
    {"column.cluster", "cluster", "cụm"},
    {"column.until", "last day", "đến ngày"},
    {"column.unit", "unit", "đơn vị"},
    {"column.kind", "kind", "loại"},
    {"column.campaign", "campaign", "đợt"},
    {"column.campaigns", "campaigns", "đợt"},
    {"column.values", "figures", "số liệu"},
    {"column.value", "value", "giá trị"},
    {"column.place", "place", "địa điểm"},
    {"column.note", "note", "ghi chú"},
    {"column.why", "why", "lý do"},
    {"column.field", "field", "mục"},
    {"column.review", "review", "xét duyệt"},
    {"column.retracted", "retracted", "đã rút lại"},
    {"column.event_header", "is an event", "là sự kiện"},
    {"column.photos", "photos", "ảnh"},
    {"column.retraction", "retraction", "rút lại"},
    {"column.labels", "labels", "nhãn"},
    {"column.label", "label", "nhãn"},
    {"column.partners", "partners", "phối hợp"},
    {"column.members", "members", "đoàn viên"},
    {"column.event", "event", "sự kiện"},
    {"column.highlight", "highlight", "nổi bật"},
    {"column.conflict", "other version: {0}", "phiên bản khác: {0}"},
    {"column.logged_at", "logged", "ghi lúc"},
    {"column.device", "phone", "máy"},
    {"column.at", "when", "lúc"},
    {"column.by", "by", "do"},
    {"column.rank", "role", "vai trò"},
    {"column.status", "status", "tình trạng"},
    {"column.records", "records", "bản ghi"},
    {"column.indicator", "indicator", "chỉ tiêu"},
    {"column.month", "month", "tháng"},
    {"column.total", "total", "tổng"},
    {"column.measure", "of", "đơn vị tính"},
    {"column.name", "name", "tên"},
    {"column.table", "table", "bảng"},
    {"column.code", "code", "mã"},
    {"column.parent", "parent", "cấp trên"},
    {"column.group", "group", "nhóm"},
    {"column.from", "from", "từ"},
    {"column.indicators", "indicators", "chỉ tiêu"},
    {"qualifier.more", "more than {0}", "hơn {0}"},
    {"qualifier.nearly", "nearly {0}", "gần {0}"},
    {"qualifier.about", "about {0}", "khoảng {0}"},
    {"has_conflicts", "several versions", "nhiều phiên bản"},
    {"review.awaiting", "awaiting", "chờ xác nhận"},
    {"review.confirmed", "confirmed", "đã xác nhận"},
    {"review.returned", "returned", "trả lại"},
    {"review_outdated", "changed since it was reviewed", "đã đổi sau khi xét duyệt"},
    {"retraction_outdated", "changed since it was retracted", "đã đổi sau khi rút lại"},
    {"yes", "yes", "có"},
    {"this_phone", "this phone", "máy này"},
    {"rank.volunteer", "volunteer", "đoàn viên"},
    {"rank.officer", "officer", "cán bộ đoàn"},
    {"rank.office", "office", "văn phòng"},
    {"version.pending", "not yet sent", "chưa gửi"},
    {"version.sealed", "sent, not yet counted", "đã đóng gói"},
    {"version.current", "stands", "đang dùng"},
    {"version.replaced", "replaced", "đã thay"},
    {"version.conflict", "to decide", "cần chọn"},
};

}  // namespace

std::vector<Message> all_messages() {
  std::vector<Message> all(std::begin(kMessages), std::end(kMessages));
  const auto others = file_messages();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

const Message* find_message(std::string_view key) {
  for (const std::span<const Message> table : {std::span<const Message>(kMessages), file_messages()}) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Message& message) { return message.key == key; });
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

}  // namespace phusa::cli
