#include "sync-server/app/language.hpp"

#include <array>
#include <cstdlib>

namespace phusa::app {
namespace {

using Texts = std::array<std::string_view, 2>;

Texts texts_of(Say what) {
  switch (what) {
    case Say::kInitDone:
      return {"made {0} with {1} units, catalogue revision 1\nnext: phusa-server serve --data {0}\n",
              "đã tạo {0} với {1} đơn vị, danh mục bản số 1\ntiếp theo: phusa-server serve --data {0}\n"};
    case Say::kListening:
      return {"listening on http://{0}\n", "đang phục vụ tại http://{0}\n"};
    case Say::kExposed:
      return {
          "{0} is reachable from other machines: without TLS, and without the limits that hold only behind nginx "
          "(sync-server/nginx, docs/http.md)\n",
          "{0} có thể truy cập từ máy khác: không có TLS, và không có các giới hạn chỉ nginx mới giữ "
          "(sync-server/nginx, docs/http.md)\n"};
    case Say::kEnrolCode:
      return {"code: {0}\nlink: {1}\n", "mã: {0}\nliên kết: {1}\n"};
    case Say::kEnrolFacts:
      return {"for {0} at {1}, {2} use(s), until {3}; it is shown only this once\n",
              "dành cho {0} tại {1}, dùng {2} lần, đến {3}; mã chỉ hiện một lần này\n"};
    case Say::kRoleVolunteer:
      return {"volunteer", "đoàn viên"};
    case Say::kRoleOfficer:
      return {"officer", "cán bộ đoàn"};
    case Say::kRoleOffice:
      return {"office", "văn phòng"};
    case Say::kTokenOnce:
      return {"{0}\nkeep it safe: it is shown only this once\n",
              "{0}\nhãy giữ kỹ: chuỗi này chỉ hiện một lần\n"};
    case Say::kTokenRevoked:
      return {"token {0} reads nothing more\n", "chuỗi truy cập {0} không còn đọc được gì nữa\n"};
    case Say::kCodeRevoked:
      return {"code {0} lets nobody else in; phones that it let in stay (see devices list, devices revoke)\n",
              "mã {0} không cho thêm máy nào vào nữa; các máy đã vào bằng mã này vẫn còn (xem devices list, "
              "devices revoke)\n"};
    case Say::kNothingToApply:
      return {"nothing to apply: the catalogue is as the folder has it\n",
              "không có gì thay đổi: danh mục đã khớp với thư mục\n"};
    case Say::kApplied:
      return {"applied: catalogue revision {0}\n", "đã áp dụng: danh mục bản số {0}\n"};
    case Say::kNotApplied:
      return {"nothing applied yet; add --yes to apply\n", "chưa áp dụng; thêm --yes để áp dụng\n"};
    case Say::kAskApply:
      return {"apply? [y/N] ", "áp dụng? [y/N] "};
    case Say::kAdded:
      return {"added", "thêm"};
    case Say::kChanged:
      return {"changed", "đổi"};
    case Say::kClosed:
      return {"closed", "đóng"};
    case Say::kReopened:
      return {"reopened", "mở lại"};
    case Say::kKept:
      return {"kept", "giữ"};
    case Say::kPassedOver:
      return {"passed over: {0} is not a file of an organisation\n",
              "bỏ qua: {0} không phải tệp của tổ chức\n"};
    case Say::kProblems:
      return {"{0} problem(s) in the folder, nothing applied", "thư mục có {0} lỗi, chưa áp dụng gì"};
    case Say::kVerified:
      return {"verified: {0} entries, {1} records, all figures follow from them\n",
              "đã kiểm tra: {0} mục, {1} ghi nhận, mọi số liệu đều khớp\n"};
    case Say::kDifferences:
      return {"{0} difference(s) found", "có {0} chỗ không khớp"};
    case Say::kNothingHeld:
      return {"nothing is held\n", "không có gì chờ xử lý\n"};
    case Say::kAccepted:
      return {"accepted: the change is merged\n", "đã chấp nhận: thay đổi được gộp vào\n"};
    case Say::kRefused:
      return {"refused: the change is held for good\n", "đã từ chối: thay đổi sẽ không được tính\n"};
    case Say::kRevisionAccepted:
      return {
          "accepted: what names revision {0} ({1}) is judged under the revision that stands: {2} "
          "batch(es), {3} change(s)\n",
          "đã chấp nhận: những gì ghi theo danh mục bản số {0} ({1}) được xét theo bản hiện hành: {2} gói, {3} "
          "thay đổi\n"};
    case Say::kRevoked:
      return {"device {0} revoked; what arrived before still counts\n",
              "đã thu hồi thiết bị {0}; những gì đã đến trước đó vẫn được tính\n"};
    case Say::kRevokedUpTo:
      return {"device {0} revoked; the kept batches count, all others are held\n",
              "đã thu hồi thiết bị {0}; các gói được giữ vẫn được tính, mọi gói khác tạm giữ không tính\n"};
    case Say::kRevokedInDoubt:
      return {
          "device {0} revoked; it is in doubt, so nothing of it counts: once it is accepted, the kept batches "
          "do\n",
          "đã thu hồi thiết bị {0}; thiết bị còn ngờ nên chưa có gì được tính: khi được chấp nhận, các gói được "
          "giữ sẽ được tính\n"};
    case Say::kStoodIn:
      return {
          "{0} phone(s) that it vouched for have a certificate of the office now; until their next sync what they "
          "hand over can still be opened by this device\n",
          "{0} máy do thiết bị này bảo lãnh nay có chứng thư của văn phòng; đến lần đồng bộ tới, tệp bàn giao của "
          "các máy đó thiết bị này vẫn mở được\n"};
    case Say::kFates:
      return {"kept: {0} batch(es), {1} change(s); held: {2} batch(es), {3} change(s)\n",
              "được giữ: {0} gói, {1} thay đổi; tạm giữ không tính: {2} gói, {3} thay đổi\n"};
    case Say::kNothingDone:
      return {"nothing was done; without --preview it is\n", "chưa làm gì; bỏ --preview để thực hiện\n"};
    case Say::kDeviceAccepted:
      return {"device {0} accepted; what it sent is counted\n",
              "đã chấp nhận thiết bị {0}; những gì máy đã gửi được tính\n"};
    case Say::kMoved:
      return {"device {0} is now {1} at {2}; the phone learns it when it next syncs\n",
              "thiết bị {0} nay là {1} tại {2}; điện thoại sẽ biết khi đồng bộ lần tới\n"};
    case Say::kErased:
      return {
          "erased: name, phone number and the words of {0} batch(es), which stood in {1} record(s)\nbackups made "
          "before still hold them: copy {2} to where you keep the server's keys, and they are taken out again "
          "after a restore\nfigures, reasons of returns and names of outside partners stay: they are signed facts\n",
          "đã xóa: họ tên, số điện thoại và lời văn của {0} gói, nằm trong {1} ghi nhận\ncác bản sao lưu cũ vẫn "
          "còn giữ: hãy chép {2} vào nơi giữ khóa của máy chủ, để sau khi khôi phục chúng lại bị xóa\n"
          "số liệu, lý do trả lại và tên đơn vị phối hợp bên ngoài vẫn còn: đó là dữ kiện đã ký\n"};
    case Say::kErasedAgain:
      return {"erased again, as people had asked: the words of {0} batch(es), which stood in {1} record(s)\n",
              "đã xóa lại theo yêu cầu trước đây: lời văn của {0} gói, nằm trong {1} ghi nhận\n"};
    case Say::kCompactionOwed:
      return {
          "words that were erased are shown nowhere, but unused parts of ledger.sqlite still hold them, for it "
          "could not be written anew: {0}\nmake room on its disk; the next start tries again\n",
          "lời văn đã xóa không còn hiện ở đâu, nhưng phần trống của ledger.sqlite vẫn còn giữ, vì chưa ghi lại "
          "được tệp này: {0}\nhãy dọn chỗ trên đĩa; lần khởi động sau sẽ thử lại\n"};
    case Say::kErasuresUnknown:
      return {
          "no list of erasures came with the keys (keys/erased): whoever had words erased after this backup was "
          "made, erase them again\n",
          "không có danh sách đã xóa đi cùng khóa (keys/erased): ai đã được xóa lời văn sau bản sao lưu này thì "
          "hãy xóa lại\n"};
    case Say::kReplaces:
      return {"it lets in the successor of device {0}, whose records come along\n",
              "mã dành cho máy thay thế thiết bị {0}; các ghi nhận cũ sẽ theo sang máy mới\n"};
    case Say::kKeyRotated:
      return {"new key {0}, catalogue revision {1}; copy {2} to where you keep the server's keys\n",
              "khóa mới {0}, danh mục bản số {1}; hãy chép {2} vào nơi giữ khóa của máy chủ\n"};
    case Say::kKeyUnknown:
      return {
          "phones seal bundles to key {0}, which is not in {1}: bring its file back, or run "
          "phusa-server keys rotate\n",
          "điện thoại đang niêm phong gói bằng khóa {0} không có trong {1}: hãy chép tệp khóa về, hoặc chạy "
          "phusa-server keys rotate\n"};
    case Say::kBackupKeyMade:
      return {
          "{0}\nsecret half: {1}; take it away from this machine, twice: without it no backup opens\n"
          "public half: {1}.pub; for phusa-server backup --to\n",
          "{0}\nphần bí mật: {1}; hãy cất hai bản ở nơi khác: thiếu nó không mở được bản sao lưu nào\n"
          "phần công khai: {1}.pub; dùng cho phusa-server backup --to\n"};
    case Say::kBackedUp:
      return {
          "backed up {0} entries, to point {1}, at {2}, into {3}\nthe server's keys are not in it: keep a "
          "copy of {4} apart\n",
          "đã sao lưu {0} mục, đến điểm {1}, lúc {2}, vào {3}\nbản sao lưu không chứa khóa của máy chủ: hãy "
          "giữ riêng một bản {4}\n"};
    case Say::kRestored:
      return {
          "restored {0}: {1} entries, to point {2}, backed up at {3}\nwhat came later returns from the phones as "
          "they sync\n",
          "đã khôi phục {0}: {1} mục, đến điểm {2}, sao lưu lúc {3}\nnhững gì đến sau sẽ trở lại khi các điện "
          "thoại đồng bộ\n"};
    case Say::kKeysMissing:
      return {"next: put the server's keys into {0}/keys, then phusa-server serve --data {0}\n",
              "tiếp theo: chép khóa của máy chủ vào {0}/keys, rồi chạy phusa-server serve --data {0}\n"};
    case Say::kNoFigures:
      return {"no figures\n", "chưa có số liệu\n"};
    case Say::kAsOf:
      return {"as of {0}\n", "số liệu đến {0}\n"};
    case Say::kUnknownCommand:
      return {"there is no command '{0}'", "không có lệnh '{0}'"};
    case Say::kOutputLost:
      return {"not all of the output could be written: {0}", "không ghi được hết kết quả: {0}"};
    case Say::kTokenUnseen:
      return {"; the token was made all the same, and nobody has seen it: revoke it (token list, token revoke)",
              "; chuỗi truy cập vẫn đã được tạo mà chưa ai thấy: hãy thu hồi nó (token list, token revoke)"};
    case Say::kCodeUnseen:
      return {"; the code was made all the same, and nobody has seen it: revoke it (enrol list, enrol revoke)",
              "; mã vẫn đã được tạo mà chưa ai thấy: hãy thu hồi mã (enrol list, enrol revoke)"};
    case Say::kTryHelp:
      return {"try phusa-server{0} --help", "xem phusa-server{0} --help"};
  }
  return {"", ""};
}

std::string_view vietnamese_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "yêu cầu không hợp lệ";
    case ErrorCode::kNotFound:
      return "không tìm thấy";
    case ErrorCode::kCorrupt:
      return "dữ liệu hỏng";
    case ErrorCode::kUnsupportedVersion:
      return "do phiên bản mới hơn ghi";
    case ErrorCode::kBusy:
      return "đang bận, hãy thử lại";
    case ErrorCode::kDiskFull:
      return "ổ đĩa đã đầy";
    case ErrorCode::kIo:
      return "lỗi đọc ghi";
    case ErrorCode::kNetwork:
      return "lỗi mạng";
    case ErrorCode::kUnexpectedReply:
      return "máy trả lời không phải máy chủ Phù Sa";
    case ErrorCode::kUnauthorized:
      return "chưa được xác nhận";
    case ErrorCode::kForbidden:
      return "không được phép";
    case ErrorCode::kLimitExceeded:
      return "vượt giới hạn";
    case ErrorCode::kConflict:
      return "mâu thuẫn với dữ liệu hiện có";
    case ErrorCode::kUnavailable:
      return "máy chủ đang bận hoặc đang dừng";
    case ErrorCode::kCancelled:
      return "đã hủy";
    case ErrorCode::kUnimplemented:
      return "chưa hỗ trợ";
    case ErrorCode::kInternal:
      return "lỗi bên trong";
    case ErrorCode::kRevoked:
      return "máy đã bị thu hồi";
    case ErrorCode::kHeldFull:
      return "phần tạm giữ của máy này đã đầy";
  }
  return "lỗi";
}

}  // namespace

Language language_of(std::string_view text) {
  return text.starts_with("vi") ? Language::kVietnamese : Language::kEnglish;
}

Language chosen_language(std::string_view flag) {
  if (!flag.empty()) return language_of(flag);
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value && *value) return language_of(value);
  }
  return Language::kEnglish;
}

std::string_view text_of(Language language, Say what) {
  return texts_of(what)[static_cast<std::size_t>(language)];
}

std::string describe(Language language, const Error& error) {
  if (language == Language::kEnglish) return "phusa-server: " + error.context;
  return "phusa-server: " + std::string(vietnamese_of(error.code)) + ": " + error.context;
}

}  // namespace phusa::app
