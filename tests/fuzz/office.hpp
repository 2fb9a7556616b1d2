#pragma once

#include "sync-server/access/enrolment.hpp"
#include "tests/fuzz/people.hpp"

namespace phusa::fuzz {

/// A fresh server with its door for new phones.
class Office {
 public:
  Office();

  test::TestServer& server() { return *server_; }
  access::Enrolment& enrolment() { return *enrolment_; }

 private:
  FreshServer server_;
  test::SeededRandom random_{5};
  std::unique_ptr<access::Enrolment> enrolment_;
};

}  // namespace phusa::fuzz
