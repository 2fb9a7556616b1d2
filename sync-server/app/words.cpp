#include "sync-server/app/words.hpp"

#include "core/base/local_time.hpp"

#include <algorithm>
#include <iterator>

namespace phusa::app {
namespace {

struct Word {
  std::string_view name;
  std::string_view english;
  std::string_view vietnamese;
};

template <std::size_t kCount>
const Word* find(const Word (&words)[kCount], std::string_view name) {
  const auto* found =
      std::find_if(std::begin(words), std::end(words), [&](const Word& word) { return word.name == name; });
  return found == std::end(words) ? nullptr : found;
}

std::string in_language(Language language, const Word* word, std::string_view otherwise) {
  if (word == nullptr) return std::string(otherwise);
  return std::string(language == Language::kVietnamese ? word->vietnamese : word->english);
}

// English headings are the columns' names but where a name alone says too little.
constexpr Word kColumns[] = {
    {"indicator", "indicator", "chỉ tiêu"},
    {"name", "name", "tên"},
    {"unit", "unit", "đơn vị"},
    {"campaign", "campaign", "đợt"},
    {"kind", "kind", "loại"},
    {"label", "label", "nhãn"},
    {"month", "month", "tháng"},
    {"review", "review", "xét duyệt"},
    {"total", "total", "tổng"},
    {"qualifier", "qualifier", "mức"},
    {"records", "records", "bản ghi"},
    {"more", "more", "hơn"},
    {"nearly", "nearly", "gần"},
    {"record", "record", "bản ghi"},
    {"amount", "amount", "số liệu"},
    {"day", "day", "ngày"},
    {"device", "device", "máy"},
    {"logged_at", "logged", "ghi lúc"},
    {"received_at", "received", "nhận lúc"},
    {"not_counted", "not counted", "chưa tính vì"},
    {"what", "what", "mục"},
    {"reason", "reason", "lý do"},
    {"batch", "batch", "gói"},
    {"index", "index", "thứ tự"},
    {"role", "role", "vai trò"},
    {"phone", "phone", "điện thoại"},
    {"enrolled", "enrolled", "ghi danh"},
    {"last_seen", "last seen", "thấy lần cuối"},
    {"revoked", "revoked", "thu hồi"},
    {"table", "table", "bảng"},
    {"code", "code", "mã"},
    {"change", "change", "thay đổi"},
    {"action", "action", "việc"},
    {"field", "field", "mục"},
    {"before", "before", "trước"},
    {"after", "after", "sau"},
    {"details", "details", "chi tiết"},
    {"journal", "journal", "sổ"},
    {"number", "number", "số"},
    {"fate", "fate", "kết quả"},
    {"changes", "changes", "thay đổi"},
    {"vouched_by", "vouched by", "người bảo lãnh"},
    {"replaces", "replaces", "thay máy"},
    {"batches", "batches", "gói"},
    {"bytes", "bytes", "byte"},
    {"share", "share, %", "mức, %"},
    {"officer_share", "officer's share, %", "mức của cán bộ, %"},
    {"full", "full", "đã đầy"},
    {"revision", "revision", "bản số"},
    {"hash", "hash", "mã băm"},
    {"contradicted", "contradicted", "bị thay khác"},
    {"devices", "devices", "máy"},
    {"doubt", "doubt", "còn ngờ vì"},
    {"forked", "copied", "có bản sao"},
    {"id", "id", "mã số"},
    {"uses_left", "uses left", "còn dùng"},
    {"expires", "until", "đến hết"},
    {"made", "made", "tạo lúc"},
};

constexpr Word kReasons[] = {
    {"unknown_certificate", "certificate not known yet", "chưa biết chứng thư của máy"},
    {"revoked", "device revoked", "máy đã bị thu hồi"},
    {"unknown_catalogue", "list of codes not known", "chưa có danh mục này"},
    {"unknown_section", "written by a newer version", "do phiên bản mới hơn ghi"},
    {"missing_version", "what it changes has not arrived", "bản được sửa chưa về"},
    {"forged_counts", "edit counts are wrong", "số lần sửa không hợp lệ"},
    {"not_yours", "another person's record", "bản ghi của người khác"},
    {"outside_scope", "outside the officer's units", "ngoài phạm vi của cán bộ"},
    {"rank_too_low", "reviewing is for officers", "chỉ cán bộ mới được xét duyệt"},
    {"too_many_versions", "too many versions", "quá nhiều phiên bản"},
    {"refused_by_office", "refused by the office", "văn phòng không nhận"},
    {"unreadable", "cannot be read", "không đọc được"},
    {"vouch_late", "vouched for too long ago", "bảo lãnh đã quá lâu"},
    {"vouch_quota", "officer vouched for too many", "cán bộ bảo lãnh quá số máy"},
    {"vouch_revoked", "officer had no right to vouch", "cán bộ không có quyền bảo lãnh"},
    {"incomplete", "unit, kind or day is missing", "thiếu đơn vị, loại hoặc ngày"},
    {"unknown_code", "a code that does not exist", "mã không có trong danh mục"},
    {"code_not_valid", "a code not in use on that day", "mã không còn hiệu lực"},
    {"value_out_of_range", "a figure below zero or too large", "số liệu âm hoặc quá lớn"},
    {"day_implausible", "the day cannot be right", "ngày không hợp lý"},
    {"day_in_future", "its day has not come yet", "ngày chưa đến"},
    {"foreign_unit", "a unit that is not the author's", "ghi cho đơn vị khác"},
    {"label_clash", "two labels of one group", "hai nhãn cùng nhóm"},
    {"once_per_event", "counted at its event", "đã tính ở sự kiện"},
};

constexpr Word kOthers[] = {
    {"volunteer", "volunteer", "đoàn viên"},
    {"officer", "officer", "cán bộ đoàn"},
    {"office", "office", "văn phòng"},
    {"exact", "", ""},
    {"more", "more than", "hơn"},
    {"nearly", "nearly", "gần"},
    {"mixed", "some more, some nearly", "có hơn, có gần"},
    {"record", "record", "bản ghi"},
    {"change", "change", "thay đổi"},
    {"batch", "batch", "gói"},
    {"awaiting", "awaiting", "chờ xác nhận"},
    {"confirmed", "confirmed", "đã xác nhận"},
    {"returned", "returned", "trả lại"},
    {"yes", "yes", "có"},
    {"kept", "kept", "được giữ"},
    {"held", "held", "tạm giữ"},
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// 1234567.5 as 1,234,567.5 or 1.234.567,5
std::string grouped(Language language, const std::string& figure) {
  constexpr std::size_t kGroup = 3;
  const bool vietnamese = language == Language::kVietnamese;
  const auto first = figure.find_first_of("0123456789");
  const auto point = std::min(figure.find('.'), figure.size());
  if (first == std::string::npos || point < first) return figure;
  std::string out = figure.substr(0, first);
  for (std::size_t at = first; at < point; ++at) {
    if (at > first && (point - at) % kGroup == 0) out += vietnamese ? '.' : ',';
    out += figure[at];
  }
  if (point < figure.size()) out += (vietnamese ? "," : ".") + figure.substr(point + 1);
  return out;
}

}  // namespace

std::string column_title(Language language, std::string_view column) {
  return in_language(language, find(kColumns, column), column);
}

std::string cell_words(Language language, std::string_view column, const std::string& cell) {
  if (is_one_of(column, {"logged_at", "received_at", "enrolled", "last_seen", "expires", "made"}))
    return local_time(cell);
  if (is_one_of(column, {"total", "amount"})) return grouped(language, cell);
  if (is_one_of(column, {"reason", "not_counted", "doubt"}))
    return in_language(language, find(kReasons, cell), cell);
  if (is_one_of(column,
                {"role", "qualifier", "what", "review", "revoked", "fate", "full", "contradicted", "forked"}))
    return in_language(language, find(kOthers, cell), cell);
  return cell;
}

}  // namespace phusa::app
