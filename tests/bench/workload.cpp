#include "tests/bench/workload.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace phusa::bench {
namespace {

using nlohmann::json;

constexpr const char* kIndicators[] = {"blood_units", "trees",  "value_vnd", "participants",
                                       "gifts",       "houses", "road_m",    "hours"};
constexpr const char* kCampaigns[] = {"MHX-2025",  "XTN-2025",  "TNTN-2025", "CNX-2025",
                                      "HMTN-2025", "TSMT-2025", "TX-2025",   "NCH-2025"};
constexpr int kUnits = 66;
constexpr int kKinds = 30;

WallTime time_of(const json& milliseconds) {
  return WallTime(std::chrono::seconds(milliseconds.get<std::int64_t>() / 1000));
}

WorkloadRecord record_of(const json& in) {
  WorkloadRecord out;
  out.id = in.at("id");
  out.at = time_of(in.at("ts"));
  out.day = in.at("date");
  out.unit = in.at("unit");
  out.campaign = in.at("campaign").is_null() ? "" : in.at("campaign").get<std::string>();
  out.kind = in.at("type");
  out.note = in.at("note");
  for (const auto& [code, value] : in.at("ind").items())
    out.values.emplace_back(code, value.get<std::int64_t>());
  return out;
}

std::vector<WorkloadRecord> records_of(const json& in) {
  std::vector<WorkloadRecord> out;
  for (const json& record : in) out.push_back(record_of(record));
  return out;
}

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

Result<std::vector<WorkloadDevice>> read_workload(const std::filesystem::path& folder,
                                                  std::size_t devices_max) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with("dev-")) files.push_back(entry.path());
  }
  if (files.empty())
    return fail(ErrorCode::kNotFound, "no workload in " + folder.string() + "; node gen.mjs writes one");
  std::sort(files.begin(), files.end());
  files.resize(std::min(files.size(), devices_max));

  std::vector<WorkloadDevice> devices;
  for (const auto& file : files) {
    std::ifstream in(file);
    const json whole = json::parse(in, nullptr, false);
    if (whole.is_discarded()) return fail(ErrorCode::kCorrupt, file.string() + " is not JSON");
    WorkloadDevice device;
    device.name = whole.at("device");
    device.records = records_of(whole.at("records"));
    device.amends = records_of(whole.at("amends"));
    device.extra = records_of(whole.at("extra"));
    for (const json& gone : whole.at("deletes"))
      device.deletes.emplace_back(gone.at("id"), time_of(gone.at("ts")));
    devices.push_back(std::move(device));
  }
  return devices;
}

Result<void> write_workload_organisation(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::ofstream units(folder / "units.csv"), campaigns(folder / "campaigns.csv"),
      indicators(folder / "indicators.csv"), kinds(folder / "kinds.csv");
  units << "code,name,kind,parent\nROOT,Root,block,\n";
  for (int i = 1; i <= kUnits; ++i) units << 'U' << two_digits(i) << ",Unit " << i << ",grassroots,ROOT\n";
  campaigns << "code,name\n";
  for (const char* code : kCampaigns) campaigns << code << ',' << code << '\n';
  indicators << "code,name,unit,decimals,nature\n";
  for (const char* code : kIndicators) indicators << code << ',' << code << ",x,0,flow\n";
  kinds << "code,name\n";
  for (int i = 1; i <= kKinds; ++i) kinds << 'T' << two_digits(i) << ",Kind " << i << '\n';
  for (std::ofstream* file : {&units, &campaigns, &indicators, &kinds}) {
    if (!file->flush()) return fail(ErrorCode::kIo, "cannot write the organisation to " + folder.string());
  }
  return {};
}

}  // namespace phusa::bench
