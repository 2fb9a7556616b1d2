#include "bindings/cli/messages.hpp"

namespace phusa::cli {
namespace {

// What is said about files that go in and out: imports, hand-over, requests; and about the command line
// itself.
constexpr Message kMessages[] = {
    // Import
    {"import.column", "column {0}", "cột {0}"},
    {"import.not_found", "there is no such file", "không có tệp này"},
    {"import.unreadable", "the file cannot be read: {0}", "không đọc được tệp: {0}"},
    {"import.is_folder", "this is a folder, not a file", "đây là thư mục, không phải tệp"},
    {"import.empty", "the file is empty", "tệp trống"},
    {"import.only_header", "the file has a header, but no line below it",
     "tệp chỉ có dòng tiêu đề, không có số liệu"},
    {"import.not_utf8", "this is not UTF-8; save the file as 'CSV UTF-8'",
     "chữ không phải UTF-8; hãy lưu tệp dạng 'CSV UTF-8'"},
    {"import.nul", "a NUL byte: this is no text file; save it as 'CSV UTF-8'",
     "có byte NUL: đây không phải tệp văn bản; hãy lưu dạng 'CSV UTF-8'"},
    {"import.too_many_bytes", "the file is larger than {0} MB; split it", "tệp lớn hơn {0} MB; hãy chia nhỏ"},
    {"import.too_many_lines", "the file has more than {0} lines; split it",
     "tệp có hơn {0} dòng; hãy chia nhỏ"},
    {"import.stray_quote",
     "a quotation mark in the middle of a cell; put the whole cell in quotes and double the mark",
     "có dấu ngoặc kép giữa ô; hãy đặt cả ô trong ngoặc kép và viết đôi dấu đó"},
    {"import.unclosed_quote", "the quotation mark opened in this line is never closed",
     "dấu ngoặc kép mở ở dòng này không được đóng"},
    {"import.cell_count", "{0} cells where the header has {1}; does a cell hold a separator without quotes?",
     "có {0} ô trong khi tiêu đề có {1}; có ô nào chứa dấu phân cách mà thiếu ngoặc kép không?"},
    {"import.column_without_name", "column {0} has no name", "cột thứ {0} không có tên"},
    {"import.unknown_column",
     "neither a known column (ref, date, until, unit, kind, campaign, place, note, event, partners, labels) "
     "nor an indicator",
     "không phải cột đã biết (ref, date, until, unit, kind, campaign, place, note, event, partners, labels) "
     "hay chỉ tiêu nào"},
    {"import.column_twice", "this column is there twice ({0})", "cột này có hai lần ({0})"},
    {"import.ref_twice", "'{0}' is already line {1}'s", "'{0}' đã dùng ở dòng {1}"},
    {"import.unknown_ref", "'{0}' is no ref of this file and no record's id",
     "'{0}' không phải ref trong tệp, cũng không phải mã bản ghi"},
    {"import.own_event", "'{0}' is this line itself", "'{0}' chính là dòng này"},
    {"import.more_errors", "... and {0} more", "... và {0} lỗi nữa"},
    {"import.nothing_done", "nothing was logged from '{0}': {1} errors; put them right and import it again",
     "chưa ghi gì từ '{0}': có {1} lỗi; hãy sửa rồi nhập lại"},
    {"import.reading", "reading {0} ...", "đang đọc {0} ..."},
    {"import.writing", "saving {0} lines ...", "đang lưu {0} dòng ..."},
    {"import.done", "{0} lines saved on this phone", "{0} dòng đã lưu trên máy"},
    {"import.done_partly", "{0} lines saved on this phone; {1} left out: they were imported before",
     "{0} dòng đã lưu trên máy; bỏ qua {1} dòng: đã được nhập trước đây"},
    {"import.in_doubt",
     "nothing was logged from '{0}': {1} of {2} lines say what lines imported before say (line {3}). A list "
     "that grew? Import it again with --alike same: only what is new is logged. Other activities that happen to be "
     "alike? With --alike others all lines count",
     "chưa ghi gì từ '{0}': {1} trong {2} dòng có nội dung y như dòng đã nhập trước đây (dòng {3}). Nếu là "
     "danh sách cũ dài thêm, hãy nhập lại với --alike same: chỉ ghi những dòng mới. Nếu là hoạt động khác mà tình "
     "cờ giống nhau, hãy nhập với --alike others: mọi dòng đều được tính"},
    {"import.nothing_new",
     "nothing new: all {0} lines were imported before (other activities that are just alike need a ref each)",
     "không có gì mới: cả {0} dòng đã được nhập trước đây (hoạt động khác mà giống hệt thì mỗi dòng cần một ref)"},
    {"import.checked", "{0} lines are in order; nothing was logged (--check)",
     "{0} dòng đều hợp lệ; chưa ghi gì (--check)"},
    {"import.will_be_held", "{0} lines will be held at first; line {1}: {2}",
     "{0} dòng sẽ phải chờ xử lý; dòng {1}: {2}"},
    {"import.without_day", "{0} lines have no day and count for today",
     "{0} dòng không có ngày, được tính vào hôm nay"},

    // The command line itself
    {"output_lost", "not all of the output could be written where it was to go; is the disk full?",
     "không ghi được hết kết quả ra nơi nhận; có phải đĩa đã đầy?"},
    {"use.see_help", "See: {0} --help", "Xem: {0} --help"},
    {"use.unknown_command", "there is no command '{0}'", "không có lệnh '{0}'"},
    {"use.command_missing", "a command is missing", "chưa nêu lệnh cần làm"},
    {"use.missing", "{0} is missing", "còn thiếu {0}"},
    {"use.not_expected", "not understood: {0}", "không hiểu: {0}"},
    {"use.value_missing", "{0} needs a value ({1})", "{0} cần có giá trị ({1})"},
    {"use.not_one_of", "{0}: '{1}' is not one of {2}", "{0}: '{1}' không đúng; hãy chọn một trong: {2}"},
    {"use.not_a_number", "{0}: '{1}' is no number", "{0}: '{1}' không phải là số"},
    {"use.too_many", "{0} may be given {1} times at most", "{0} chỉ được nêu nhiều nhất {1} lần"},
    {"use.not_a_flag", "{0} takes no value", "{0} không kèm giá trị"},
    {"option.where", "the server's address or a welcome file", "địa chỉ máy chủ hoặc tệp giấy ghi danh"},
    {"option.out", "the file to write", "tên tệp cần ghi"},
    {"option.file", "the file", "tên tệp"},
    {"option.files", "the files", "tên các tệp"},
    {"option.request", "the enrolment request", "tệp đơn xin ghi danh"},
    {"option.id", "the record's id", "mã bản ghi"},
    {"option.ids", "the records' ids", "mã các bản ghi"},
    {"use.other", "wrong use: {0}", "cách dùng chưa đúng: {0}"},
    {"ask.yes_or_no", " [y/N] ", " [c/K] "},
    {"ask.nobody", "nobody is here to ask; look at what you were given, then add --yes",
     "không có ai để hỏi lại; hãy xem kỹ rồi thêm --yes"},

    // Files
    {"file.not_found", "there is no file '{0}'", "không có tệp '{0}'"},
    {"file.is_folder", "'{0}' is a folder, not a file", "'{0}' là thư mục, không phải tệp"},
    {"file.not_a_file", "'{0}' is a device or a pipe, not a file; - is standard output",
     "'{0}' không phải tệp thường; muốn in ra đầu ra chuẩn thì dùng -"},
    {"file.is_terminal", "these bytes are not for reading or typing; send them into a file or a program",
     "dữ liệu này không đọc hay gõ tay được; hãy chuyển vào tệp hoặc chương trình khác"},
    {"file.empty", "'{0}' is empty", "tệp '{0}' trống"},
    {"file.too_large", "'{0}' is larger than {1} MB; it cannot be one of ours",
     "tệp '{0}' lớn hơn {1} MB; không thể là tệp của phusa"},
    {"file.unreadable", "'{0}' cannot be read: {1}", "không đọc được tệp '{0}': {1}"},
    {"file.another_kind", "'{0}' is {1}, not {2}", "'{0}' là {1}, không phải {2}"},
    {"file.not_whole", "'{0}' was cut short or altered on its way; copy {1} once more",
     "'{0}' bị cắt ngắn hoặc bị sửa trên đường; hãy chép lại {1}"},
    {"file.not_whole_or_other",
     "'{0}' is not {1}, or was cut short on its way; requests go to `phusa vouch`, welcomes to `phusa join`",
     "'{0}' không phải {1}, hoặc bị cắt ngắn; đơn dùng với `phusa vouch`, giấy ghi danh dùng với `phusa "
     "join`"},
    {"kind.handover", "a hand-over file (phusa carry FILE)", "tệp gửi nhờ (phusa carry TỆP)"},
    {"kind.receipts", "a file of receipts (phusa receipts import FILE)",
     "tệp biên nhận (phusa receipts import TỆP)"},
    {"kind.joining", "an enrolment request or a welcome (phusa vouch, phusa join)",
     "đơn xin ghi danh hoặc giấy ghi danh (phusa vouch, phusa join)"},
    {"kind.store", "a phone's data (--store FILE)", "dữ liệu của một máy (--store TỆP)"},
    {"kind.pdf", "a PDF", "tệp PDF"},
    {"kind.picture", "a picture", "ảnh"},
    {"kind.office", "a document or an archive", "văn bản hoặc tệp nén"},
    {"kind.unknown", "something else", "loại tệp khác"},
    {"wanted.handover", "a hand-over file", "tệp gửi nhờ"},
    {"wanted.receipts", "a file of receipts", "tệp biên nhận"},
    {"wanted.request", "an enrolment request", "đơn xin ghi danh"},
    {"wanted.welcome", "a welcome", "giấy ghi danh"},
    {"file.exists", "'{0}' is there already; choose another name, or add --force to replace it",
     "tệp '{0}' đã có; hãy chọn tên khác, hoặc thêm --force để ghi đè"},
    {"file.is_store", "'{0}' is a phone's data, or belongs to it, and is never replaced; choose another name",
     "'{0}' là dữ liệu của một máy, hoặc tệp đi kèm, nên không bao giờ bị ghi đè; hãy chọn tên khác"},
    {"file.is_foreign",
     "'{0}' is there already, and is no file to be handed to others: phusa never replaces it; choose another "
     "name",
     "tệp '{0}' đã có và không phải tệp gửi nhờ, biên nhận hay ghi danh: phusa không ghi đè; hãy chọn tên khác"},
    {"file.link_to_nothing", "'{0}' is a link to a file that is not there; name that file itself",
     "'{0}' là liên kết đến một tệp không có; hãy ghi thẳng tên tệp đó"},
    {"file.not_written", "'{0}' cannot be written: {1}", "không ghi được tệp '{0}': {1}"},

    // Hand-over and receipts
    {"handover.done",
     "{0}: {1} changes of this phone; give the file to somebody who will be where there is a network",
     "{0}: {1} thay đổi của máy này; hãy đưa tệp cho người sắp đến nơi có mạng"},
    {"handover.done_with_others",
     "{0}: {1} changes of this phone and {2} bundles of others; give the file to somebody who will be where "
     "there is a network",
     "{0}: {1} thay đổi của máy này và {2} gói của người khác; hãy đưa tệp cho người sắp đến nơi có mạng"},
    {"handover.passed_on", "{0}: {1} bundles of others, passed on",
     "{0}: chuyển tiếp {1} gói của người khác"},
    {"handover.nothing", "nothing to hand over: the centre has everything; no file was written",
     "không có gì để gửi nhờ: trung tâm đã nhận đủ; không ghi tệp nào"},
    {"handover.nothing_carried", "nothing to pass on: nothing of others is carried here; no file was written",
     "không có gì để chuyển tiếp: máy không mang hộ gói nào; không ghi tệp nào"},
    {"handover.own_waits",
     "{0} own records are here that the centre has not confirmed: hand them over without --carried-only",
     "máy có {0} bản ghi của mình chưa được trung tâm xác nhận: hãy gửi nhờ mà không kèm --carried-only"},
    {"handover.left_out",
     "{0} changes and {1} bundles of others found no room in it: hand over again, into another file",
     "{0} thay đổi và {1} gói của người khác chưa vừa tệp này: hãy gửi nhờ lần nữa vào tệp khác"},
    {"handover.not_noted",
     "the file is whole and may be carried, but this phone could not note it, and goes on showing its "
     "records as saved: {0}",
     "tệp đã đủ và mang đi được, nhưng máy không ghi nhận được, nên các bản ghi vẫn hiện là đã lưu: {0}"},
    {"handover.on_no_disk",
     "nothing counts as handed over by that: this phone cannot know whether another program put it on a disk; write it to a "
     "file for that: phusa handover FILE",
     "lần này chưa tính là đã gửi nhờ: máy không biết chương trình nhận đã ghi xuống đĩa chưa; muốn được tính, hãy ghi ra tệp: "
     "phusa handover TỆP"},
    {"carry.taken", "{0} bundles taken along; the next sync delivers them",
     "đã nhận mang hộ {0} gói; lần đồng bộ sau sẽ gửi đi"},
    {"carry.taken_partly", "{0} bundles taken along ({1} were here already); the next sync delivers them",
     "đã nhận mang hộ {0} gói ({1} gói đã có); lần đồng bộ sau sẽ gửi đi"},
    {"carry.known", "nothing new: {0} bundles were here already", "không có gì mới: {0} gói đã có trên máy"},
    {"carry.damaged",
     "{0} bundles were damaged on their way and left out: whoever gave them should hand over again",
     "{0} gói bị hỏng trên đường nên không nhận: hãy nhắc người gửi gửi nhờ lại"},
    {"carry.gave_way", "{0} older bundles, which the centre has no key for, were dropped to make room",
     "{0} gói cũ mà trung tâm không có khóa để mở đã bị bỏ cho đủ chỗ"},
    {"carry.seen", "{0} changes of your unit inside", "trong đó có {0} thay đổi của đơn vị mình"},
    {"receipts.carried", "bundles of others carried here, not yet delivered: {0}",
     "gói mang hộ chưa gửi đến trung tâm: {0}"},
    {"receipts.to_return", "receipts to give back: {0}", "biên nhận cần trả lại người gửi: {0}"},
    {"receipts.awaited", "own records handed over, without a receipt so far: {0} (oldest: {1} days)",
     "bản ghi của mình đã gửi nhờ, chưa có biên nhận: {0} (lâu nhất {1} ngày)"},
    {"receipts.exported", "{0}: {1} receipts; give the file back to those who handed over",
     "{0}: {1} biên nhận; hãy trả tệp này cho những người đã gửi nhờ"},
    {"receipts.not_noted",
     "the file is whole and may be given back, but this phone could not note it, and goes on showing its receipts "
     "as waiting: {0}",
     "tệp đã đủ và trả lại được, nhưng máy không ghi nhận được, nên các biên nhận vẫn hiện là cần trả lại: {0}"},
    {"receipts.on_no_disk",
     "they go on waiting to be given back: this phone cannot know whether another program put them on a disk; write "
     "them to a file for that: phusa receipts export FILE",
     "vẫn tính là cần trả lại: máy không biết chương trình nhận đã ghi xuống đĩa chưa; muốn được tính là đã trả, hãy "
     "ghi ra tệp: phusa receipts export TỆP"},
    {"receipts.left", "{0} receipts found no room in it: export again, into another file",
     "{0} biên nhận chưa vừa tệp này: hãy xuất lần nữa vào tệp khác"},
    {"receipts.left_out",
     "{0} receipts of others found no room here: give back those that wait first (phusa receipts export FILE), "
     "then take this file again",
     "{0} biên nhận của người khác không còn chỗ: hãy trả lại số đang giữ trước (phusa receipts export TỆP), rồi "
     "nhận lại tệp này"},
    {"receipts.none", "no receipts wait here; no file was written", "chưa có biên nhận nào; không ghi tệp"},
    {"receipts.received", "the centre has received {0} changes of this phone",
     "trung tâm đã nhận {0} thay đổi của máy này"},
    {"receipts.held", "{0} of them are held", "{0} trong đó đang chờ xử lý"},
    {"receipts.passed_on", "{0} receipts for others, kept for them", "giữ hộ {0} biên nhận của người khác"},

    // Joining without a network, and leaving
    {"enrol_request.done",
     "{0}: give this file to your unit officer and read out this phone's mark: {1}; what comes back: phusa "
     "join FILE",
     "{0}: hãy đưa tệp này cho cán bộ đoàn và đọc dấu của máy: {1}; khi nhận giấy về: phusa join TỆP"},
    // What is certain first: a name is as long as a stranger likes, and says what the stranger likes.
    {"vouch.ask", "The new phone's mark must be {2}. Vouch for it at {1}, for '{0}'?",
     "Dấu của máy mới phải là {2}. Bảo lãnh cho máy này tại {1}, tên '{0}'?"},
    {"vouch.done", "{0}: welcome for phone {3} at {2}, for '{1}'; you can vouch for {4} more",
     "{0}: giấy ghi danh cho máy {3} tại {2}, tên '{1}'; còn bảo lãnh được {4} máy"},
    {"names_predecessor",
     "this request wants the place of the phone {0}, and with it all that was logged there; if its owner asked "
     "for that, add --replaces {0}; else do not vouch for it",
     "đơn này muốn thay máy {0} và nhận mọi bản ghi của máy đó; nếu đúng chủ máy yêu cầu, hãy thêm --replaces "
     "{0}; nếu không, đừng bảo lãnh"},
    {"vouch.not_done", "nothing was signed", "chưa ký gì cả"},
    {"join.without_code", "a code is missing behind {0}; the office hands them out",
     "còn thiếu mã ghi danh sau {0}; hãy xin văn phòng"},
    {"join.nothing_asked",
     "This phone has not asked to be let in yet: phusa enrol-request FILE --name 'YOUR NAME', and give that file "
     "to your officer",
     "Máy này chưa xin ghi danh: hãy chạy phusa enrol-request TỆP --name 'HỌ TÊN' rồi đưa tệp đó cho cán bộ đoàn"},
    {"join.welcome_for_nobody", "'{0}' is an enrolment request, or a welcome for another phone",
     "'{0}' là đơn xin ghi danh, hoặc giấy ghi danh của máy khác"},
    {"join.welcome_says_it",
     "a welcome file says name and place itself, and needs no network; leave --name, --phone, --replaces and "
     "--insecure away",
     "giấy ghi danh đã có đủ tên và đơn vị, và không cần mạng; hãy bỏ --name, --phone, --replaces và "
     "--insecure"},
    {"leave.ask",
     "Leave {0} and take everything off this phone? What exists nowhere else goes with it: {1} own changes, {2} "
     "bundles of others, {3} receipts of others. Handed over, not yet confirmed: {4} records.",
     "Rời {0} và xóa mọi dữ liệu khỏi máy này? Những gì không có ở đâu khác sẽ mất: {1} thay đổi của mình, {2} gói "
     "mang hộ, {3} biên nhận của người khác. Đã gửi nhờ, chưa có biên nhận: {4} bản ghi."},
    {"leave.done", "Left {0}; nothing of it is on this phone any more.",
     "Đã rời {0}; máy này không còn giữ gì nữa."},
    {"leave.given_up", "{0} changes existed nowhere else: they are lost.",
     "{0} thay đổi không có ở đâu khác: đã mất."},
    {"leave.given_up_bundles",
     "{0} bundles of others went with it: they count once whoever gave them syncs, or hands over again.",
     "{0} gói mang hộ đã mất theo: chỉ được tính khi người gửi tự đồng bộ hoặc gửi nhờ lại."},
    {"leave.given_up_receipts",
     "{0} receipts of others went with it: those phones go on waiting until their own next sync.",
     "{0} biên nhận của người khác đã mất theo: các máy đó phải chờ đến lần đồng bộ sau của mình."},
    {"leave.handed_over",
     "{0} records were handed over: they count when their carrier syncs; no receipt comes back here.",
     "{0} bản ghi đã gửi nhờ: sẽ được tính khi người mang hộ đồng bộ; biên nhận không về máy này nữa."},
    {"leave.not_done", "nothing was changed", "chưa thay đổi gì"},
};

}  // namespace

std::span<const Message> file_messages() {
  return kMessages;
}

}  // namespace phusa::cli
