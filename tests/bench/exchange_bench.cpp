// The whole way on workload W: a real server process, real phones, a counting proxy between them. Prints one
// JSON object with the field names of baseline/harness.mjs, so that compare.mjs can put both side by side.
#include "tests/bench/bench_phone.hpp"
#include "tests/bench/raw_sqlite.hpp"
#include "tests/bench/tls_front.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

namespace phusa::bench {
namespace {

using nlohmann::json;
using Clk = std::chrono::steady_clock;

constexpr std::size_t kLogged = 400;  // timed durable records of each of the first devices
constexpr std::size_t kTimedDevices = 5;
constexpr std::size_t kSteadyRounds = 15;

struct Arguments {
  std::filesystem::path data, bin, proxy;
  std::size_t devices = 1000;
  unsigned concurrency = 1;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "exchange_bench: %s\n", what.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) die(std::string(what) + ": " + result.error().context);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_since(Clk::time_point start) {
  return std::chrono::duration<double>(Clk::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

struct Traffic {
  std::uint64_t up = 0, down = 0, requests = 0;
};

std::string get(Transport& transport, const std::string& url) {
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  return must(fetch(transport, std::move(request)), "GET").body;
}

void wait_for(Transport& transport, const std::string& url, const std::function<bool()>& may_still_come) {
  for (int tries = 0; tries < 1000; ++tries) {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    if (fetch(transport, std::move(request))) return;
    if (!may_still_come()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  die("no answer at " + url);
}

std::string loopback(int port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

/// The baseline's counting proxy before one port.
class CountingProxy {
 public:
  CountingProxy(const Arguments& arguments, int target, const std::filesystem::path& log)
      : port_(test::free_port()),
        control_port_(test::free_port()),
        transport_(must(CurlTransport::create({}), "libcurl")),
        process_(must(test::Process::start({"node", arguments.proxy.string(), std::to_string(port_),
                                            std::to_string(target), std::to_string(control_port_)},
                                           log),
                      "proxy")) {
    wait_for(*transport_, loopback(control_port_) + "/", [&] { return process_.is_running(); });
  }

  int port() const { return port_; }

  /// What went through since the last call.
  Traffic traffic() {
    const json counted = json::parse(get(*transport_, loopback(control_port_) + "/reset"));
    return {counted.at("up"), counted.at("down"), counted.at("req")};
  }

 private:
  int port_, control_port_;
  std::unique_ptr<CurlTransport> transport_;
  test::Process process_;
};

/// Server, counting proxy and what the bench asks of them.
class Stage {
 public:
  explicit Stage(const Arguments& arguments) : server_bin_((arguments.bin / "phusa-server").string()) {
    must(write_workload_organisation(folder_.path() / "org"), "organisation");
    const std::string data = data_folder();
    command({"init", "--data", data, "--org", (folder_.path() / "org").string()});
    server_port_ = test::free_port();
    server_.emplace(must(test::Process::start({server_bin_, "serve", "--data", data, "--listen",
                                               "127.0.0.1:" + std::to_string(server_port_)},
                                              folder_.path() / "server.log"),
                         "server"));
    transport_ = must(CurlTransport::create({}), "libcurl");
    wait_for(*transport_, loopback(server_port_) + "/healthz", [&] { return server_->is_running(); });
    proxy_.emplace(arguments, server_port_, folder_.path() / "proxy.log");
    token_ = json::parse(command({"token", "--data", data, "--format", "json"})).at("token");
  }

  std::string url() const { return loopback(proxy_->port()); }
  int server_port() const { return server_port_; }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  test::Process& server() { return *server_; }

  std::string enrol(const std::string& role) {
    return json::parse(command({"enrol", "--data", data_folder(), "--unit", "ROOT", "--role", role,
                                "--format", "json"}))
        .at("code");
  }

  Traffic traffic() { return proxy_->traffic(); }

  json totals() {
    HttpRequest request;
    request.method = "GET";
    request.url = loopback(server_port_) + "/v1/totals?by=unit,indicator";
    request.headers = {"Authorization: Bearer " + token_};
    const HttpReply reply = must(fetch(*transport_, std::move(request)), "totals");
    if (reply.status != 200) die("totals: HTTP " + std::to_string(reply.status) + " " + reply.body);
    return json::parse(reply.body);
  }

  std::string verify() { return command({"verify", "--data", data_folder()}); }

 private:
  std::string data_folder() const { return (folder_.path() / "data").string(); }

  std::string command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), server_bin_);
    const test::Outcome outcome = test::run(arguments);
    if (outcome.status != 0) die(arguments[1] + ": " + outcome.err);
    return outcome.out;
  }

  test::TemporaryFolder folder_;
  std::string server_bin_;
  int server_port_ = 0;
  std::optional<test::Process> server_;
  std::optional<CountingProxy> proxy_;
  std::unique_ptr<CurlTransport> transport_;
  std::string token_;
};

using Phones = std::vector<std::unique_ptr<BenchPhone>>;

void in_parallel(Phones& phones, unsigned concurrency, const std::function<void(BenchPhone&)>& work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < concurrency; ++i) {
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < phones.size(); at = next++) work(*phones[at]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void push(BenchPhone& phone) {
  must(phone.sync(true), "push");
}

void measure_local(Stage& stage, const std::vector<WorkloadDevice>& devices, Phones& phones, json& out) {
  std::vector<double> rates, raw, sizes;
  for (std::size_t i = 0; i < phones.size(); ++i) {
    const bool timed = i < kTimedDevices;
    if (timed) {
      const std::span<const WorkloadRecord> first(devices[i].records.data(),
                                                  std::min(kLogged, devices[i].records.size()));
      raw.push_back(raw_rows_per_second(stage.path("raw" + std::to_string(i)), first));
      const auto start = Clk::now();
      must(phones[i]->log(devices[i].records, 0, kLogged), "log");
      rates.push_back(static_cast<double>(first.size()) / seconds_since(start));
    }
    must(phones[i]->log(devices[i].records, timed ? kLogged : 0, devices[i].records.size()), "log");
  }
  out["a_inserts_per_s"] = median(rates);
  out["a_raw_per_s"] = median(raw);
}

void measure_push(Stage& stage, const std::vector<WorkloadDevice>& devices, Phones& phones,
                  unsigned concurrency, json& out) {
  double records = 0;
  for (const WorkloadDevice& device : devices) records += static_cast<double>(device.records.size());
  (void)stage.traffic();
  const double cpu = stage.server().cpu_seconds();
  const auto start = Clk::now();
  in_parallel(phones, concurrency, push);
  const double seconds = seconds_since(start);
  const Traffic traffic = stage.traffic();
  out["b_rec_per_s"] = records / seconds;
  out["b_up_B_per_rec"] = static_cast<double>(traffic.up) / records;
  out["b_down_B_per_rec"] = static_cast<double>(traffic.down) / records;
  out["b_requests"] = traffic.requests;
  out["f_push_cpu_s_per_1000"] = (stage.server().cpu_seconds() - cpu) / records * 1000;
  out["f_push_rss_MiB"] = stage.server().resident_mib();
  out["f_push_rss_peak_MiB"] = stage.server().resident_peak_mib();
  std::vector<double> sizes;
  for (std::size_t i = 0; i < std::min(kTimedDevices, phones.size()); ++i) {
    sizes.push_back(static_cast<double>(phones[i]->close_and_measure()) /
                    static_cast<double>(devices[i].records.size()));
  }
  out["a_disk_B_per_rec"] = median(sizes);
}

void measure_corrections(Stage& stage, const std::vector<WorkloadDevice>& devices, Phones& phones,
                         unsigned concurrency, json& out) {
  double corrections = 0;
  for (std::size_t i = 0; i < phones.size(); ++i) {
    must(phones[i]->amend(devices[i].amends), "amend");
    must(phones[i]->retract(devices[i].deletes), "retract");
    corrections += static_cast<double>(devices[i].amends.size() + devices[i].deletes.size());
  }
  (void)stage.traffic();
  const auto start = Clk::now();
  in_parallel(phones, concurrency, push);
  const double seconds = seconds_since(start);
  const Traffic traffic = stage.traffic();
  out["b2_corrections"] = corrections;
  out["b2_per_s"] = corrections / seconds;
  out["b2_B_per"] = static_cast<double>(traffic.up + traffic.down) / corrections;
}

void measure_totals(Stage& stage, const Arguments& arguments, json& out) {
  const auto cold = Clk::now();
  const json table = stage.totals();
  out["e_cold_ms"] = seconds_since(cold) * 1000;
  json rows = json::array();
  for (const json& row : table.at("rows")) {
    rows.push_back({row.at("unit"), row.at("indicator"), std::stoll(row.at("records").get<std::string>()),
                    std::stoll(row.at("total").get<std::string>())});
  }
  std::sort(rows.begin(), rows.end());
  std::ifstream in(arguments.data / "expected.json");
  json expected = json::parse(in);
  std::sort(expected.begin(), expected.end());
  out["e_correct"] = rows == expected;
  std::vector<double> warm;
  for (int i = 0; i < 15; ++i) {
    const auto start = Clk::now();
    (void)stage.totals();
    warm.push_back(seconds_since(start) * 1000);
  }
  out["e_warm_ms"] = median(warm);
}

template <class Counter>
json measure_steady(Counter& counter, BenchPhone& phone, const std::vector<WorkloadRecord>& extra,
                    std::size_t count, bool push_only) {
  std::vector<double> bytes, requests, latency;
  for (std::size_t round = 0; round < kSteadyRounds; ++round) {
    must(phone.log(extra, round * count, count), "log");
    (void)counter.traffic();
    const auto start = Clk::now();
    must(phone.sync(push_only), "sync");
    latency.push_back(seconds_since(start) * 1000);
    const Traffic traffic = counter.traffic();
    bytes.push_back(static_cast<double>(traffic.up + traffic.down));
    requests.push_back(static_cast<double>(traffic.requests));
  }
  return {{"ms", median(latency)}, {"bytes", median(bytes)}, {"req", median(requests)}};
}

/// A program that logs one record and ends, and one sync for all of it: every record has a block of its own.
void measure_openings(Stage& stage, const std::vector<WorkloadRecord>& extra, json& out) {
  constexpr std::size_t kOpenings = 100;
  auto phone = must(BenchPhone::open(stage.path("openings.db"), stage.url()), "open");
  must(phone->join(stage.enrol("volunteer")), "join");
  for (std::size_t i = 0; i < kOpenings; ++i) {
    must(phone->reopen(), "reopen");
    must(phone->log(extra, i, 1), "log");
  }
  (void)stage.traffic();
  push(*phone);
  const Traffic traffic = stage.traffic();
  out["o_B_per_rec"] = static_cast<double>(traffic.up + traffic.down) / static_cast<double>(kOpenings);
}

/// Through nginx and TLS, syncs of one process: one handshake, then records over a connection that stays.
void measure_tls(Stage& stage, const Arguments& arguments, const std::vector<WorkloadRecord>& extra,
                 json& out) {
  const auto front = TlsFront::start(stage.path("tls"), stage.server_port());
  if (!front) return;
  CountingProxy counter(arguments, front->port(), stage.path("tls-proxy.log"));
  auto phone = must(BenchPhone::open(stage.path("tls.db"),
                                     "https://127.0.0.1:" + std::to_string(counter.port()), front->ca_file()),
                    "open");
  must(phone->join(stage.enrol("officer")), "join");
  (void)counter.traffic();
  must(phone->sync(false), "pull");
  const Traffic pulled = counter.traffic();
  out["t_B_per_rec"] = static_cast<double>(pulled.up + pulled.down) /
                       static_cast<double>(must(phone->count_records(), "count"));
  out["t_sync10"] = measure_steady(counter, *phone, extra, 10, false);
  out["t_sync0"] = measure_steady(counter, *phone, extra, 0, false);
}

void measure_pull(Stage& stage, const std::vector<WorkloadDevice>& devices, json& out) {
  out["d_raw_s"] = raw_bulk_seconds(stage.path("raw-bulk"), devices);
  auto fresh = must(BenchPhone::open(stage.path("fresh.db"), stage.url()), "open");
  must(fresh->join(stage.enrol("officer")), "join");
  (void)stage.traffic();
  const double cpu = stage.server().cpu_seconds();
  const auto start = Clk::now();
  const SyncProgress progress = must(fresh->sync(false), "pull");
  const double seconds = seconds_since(start);
  const Traffic traffic = stage.traffic();
  const double records = static_cast<double>(must(fresh->count_records(), "count"));
  const double pulled = static_cast<double>(progress.received);
  out["d_s"] = seconds;
  out["d_records"] = records;
  out["d_pulled"] = pulled;
  out["d_B_per_rec"] = static_cast<double>(traffic.up + traffic.down) / records;
  out["d_requests"] = traffic.requests;
  out["d_server_cpu_s_per_1000"] = (stage.server().cpu_seconds() - cpu) / records * 1000;
  out["d_disk_B_per_rec"] = static_cast<double>(fresh->close_and_measure()) / pulled;
  out["c_sync10"] = measure_steady(stage, *fresh, devices[1 % devices.size()].extra, 10, false);
  out["c_sync0"] = measure_steady(stage, *fresh, devices[1 % devices.size()].extra, 0, false);
}

void run(const Arguments& arguments) {
  const auto devices = must(read_workload(arguments.data, arguments.devices), "workload");
  Stage stage(arguments);
  Phones phones;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    phones.push_back(
        must(BenchPhone::open(stage.path("phone" + std::to_string(i) + ".db"), stage.url()), "open"));
    must(phones.back()->join(stage.enrol("volunteer")), "join");
  }
  json out{{"peer", "phusa"},
           {"D", devices.size()},
           {"R", devices.front().records.size()},
           {"conc", arguments.concurrency}};
  measure_local(stage, devices, phones, out);
  measure_push(stage, devices, phones, arguments.concurrency, out);
  measure_corrections(stage, devices, phones, arguments.concurrency, out);
  measure_totals(stage, arguments, out);
  out["c_push10"] = measure_steady(stage, *phones[0], devices[0].extra, 10, true);
  out["c_push0"] = measure_steady(stage, *phones[0], devices[0].extra, 0, true);
  measure_pull(stage, devices, out);
  measure_openings(stage, devices[2 % devices.size()].extra, out);
  measure_tls(stage, arguments, devices[3 % devices.size()].extra, out);
  out["f_rss_MiB"] = stage.server().resident_peak_mib();
  (void)stage.verify();
  std::printf("%s\n", out.dump().c_str());
}

}  // namespace
}  // namespace phusa::bench

int main(int argc, char** argv) {
  phusa::bench::Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--data")
      arguments.data = argv[i + 1];
    else if (flag == "--bin")
      arguments.bin = argv[i + 1];
    else if (flag == "--proxy")
      arguments.proxy = argv[i + 1];
    else if (flag == "--conc")
      arguments.concurrency = static_cast<unsigned>(std::atoi(argv[i + 1]));
    else if (flag == "--devices")
      arguments.devices = static_cast<std::size_t>(std::atoi(argv[i + 1]));
    else
      phusa::bench::die("unknown option " + flag);
  }
  if (arguments.data.empty() || arguments.bin.empty() || arguments.proxy.empty()) {
    std::fprintf(
        stderr,
        "usage: exchange_bench --data FOLDER --bin FOLDER --proxy proxy.mjs [--conc N] [--devices N]\n");
    return 2;
  }
  phusa::bench::run(arguments);
}
