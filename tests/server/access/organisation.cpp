#include "tests/server/access/organisation.hpp"

#include <fstream>

namespace phusa::test {

Organisation::Organisation() {
  write("units.csv",
        "code,name,kind,parent,from,until,successors,contact\n"
        "khoi,Đoàn Khối,block,,,,,\n"
        "so_y_te,Sở Y tế,doan_co_so,khoi,,,,\n"
        "benh_vien,Bệnh viện,chi_doan,so_y_te,2020-01-01,,,\n");
  write("clusters.csv", "cluster,unit,from,until\ncum_1,so_y_te,,\ncum_1,benh_vien,2021-01-01,\n");
  write("campaigns.csv",
        "code,name,parents,series,from,until\n"
        "xanh,Chủ nhật xanh,,xanh,2023-01-01,2023-12-31\n"
        "xanh_1,Đợt 1,xanh,xanh,5/3/2023,5/3/2023\n");
  write("indicators.csv",
        "code,name,unit,decimals,maximum,nature,parents,per_event,section,year_starts\n"
        "trees,Cây xanh,cây,0,100000,flow,,sum,s,\n"
        "road_km,Đường hoa,km,1,1000.5,flow,,once,s,11-01\n");
  write("labels.csv", "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cấp cơ sở,level\n");
  write("kinds.csv",
        "code,name,indicators,labels,section\nplanting,Trồng cây,*trees;road_km,khoi_level;co_so,s\n");
}

void Organisation::write(const std::string& name, const std::string& text) {
  if (text.empty()) {
    std::filesystem::remove(folder_.path() / name);
    return;
  }
  std::ofstream(folder_.path() / name, std::ios::binary | std::ios::trunc) << text;
}

access::CatalogueDraft Organisation::draft(const Catalogue* previous, const std::string& today) const {
  return access::draft_catalogue(folder_.path(), previous, day_of(today));
}

std::vector<std::string> Organisation::problems(const Catalogue* previous) const {
  std::vector<std::string> out;
  for (const auto& problem : draft(previous).problems) out.push_back(access::format_problem(problem));
  return out;
}

Day day_of(const std::string& text) {
  return *parse_day(text);
}

}  // namespace phusa::test
