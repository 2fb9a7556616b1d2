#include "sync-server/access/attempt_limiter.hpp"
#include "tests/server/security/installation.hpp"

#include <atomic>
#include <thread>

/// Guessing enrolment codes over the network.
namespace phusa::test {
namespace {

using access::AttemptLimiter;

constexpr int kThreads = 16;
constexpr int kGuessesEach = 10;
/// Those that were under way when the limit was reached: one for each of the server's workers.
constexpr int kUnderWay = 16;
constexpr int kLookedAtMax = static_cast<int>(AttemptLimiter::kFailuresPerAddressMax) + kUnderWay;

class Guessing : public testing::Test {
 protected:
  void SetUp() override { office_.start(); }

  /// A well-formed request with a secret that nobody handed out.
  Bytes guess() {
    const std::lock_guard lock(mutex_);
    auto code = *journal::parse_enrolment_code(code_);
    code.secret = random_.fixed<journal::EnrolmentSecret>();
    RemotePhone phone;
    return wire::encode_enrol_request(*phone.phone().prepare_enrolment(code, "http://" + office_.address()));
  }
  Bytes right() {
    return wire::encode_enrol_request(*honest_.phone().prepare_enrolment(
        *journal::parse_enrolment_code(code_), "http://" + office_.address()));
  }
  /// How many guesses were looked at, of many sent at once from one address.
  int looked_at(const std::string& address, const std::function<std::string(int)>& headers) {
    std::vector<Bytes> guesses;
    for (int i = 0; i < kThreads * kGuessesEach; ++i) guesses.push_back(guess());
    std::atomic<int> refused = 0, limited = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kGuessesEach; ++i) {
          const int n = t * kGuessesEach + i;
          const int status =
              post_exchange(address, "/v1/enrol", guesses[static_cast<std::size_t>(n)], headers(n)).status;
          refused += status == 401;
          limited += status == 429;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refused + limited, kThreads * kGuessesEach);
    return refused;
  }

  Office office_;
  std::mutex mutex_;
  SystemRandom random_;
  RemotePhone honest_;
  std::string code_ = office_.code("so_y_te");
};

TEST_F(Guessing, ManyThreadsAtOnceGetHardlyMoreTriesThanOneAndThenEvenTheRightCodeWaits) {
  EXPECT_LE(looked_at(office_.address(), [](int) { return std::string(); }), kLookedAtMax);
  const RawReply locked = post_exchange(office_.address(), "/v1/enrol", right());
  EXPECT_EQ(locked.status, 429);
  EXPECT_TRUE(locked.has_header("Retry-After: "));
}

/// Through nginx an address is where the connection comes from, whatever the client claims.
TEST_F(Guessing, ClaimingOtherAddressesBehindNginxGainsNothing) {
  const Front front(office_);
  EXPECT_LE(looked_at(front.address(),
                      [](int n) { return "X-Forwarded-For: 10.0.0." + std::to_string(n) + "\r\n"; }),
            kLookedAtMax);
  EXPECT_EQ(post_exchange(front.address(), "/v1/enrol", right(), "X-Forwarded-For: 10.9.9.9\r\n").status,
            429);
}

}  // namespace
}  // namespace phusa::test
