# Planted bugs: each tests/sim/bugs/NAME.patch changes one source file of the production code. The patched copy is compiled
# into a simulator of its own, in front of the room's library, so that nothing else is built twice.
file(GLOB patches CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bugs/*.patch)
add_custom_target(phusa_sim_bugs)
foreach(patch_file ${patches})
  get_filename_component(bug ${patch_file} NAME_WE)
  file(STRINGS ${patch_file} source REGEX "^\\+\\+\\+ b/" LIMIT_COUNT 1)
  string(REGEX REPLACE "^\\+\\+\\+ b/([^ \t]+).*$" "\\1" source "${source}")
  get_filename_component(stem ${source} NAME)
  set(patched ${CMAKE_CURRENT_BINARY_DIR}/bugs/${bug}/${stem})
  add_custom_command(OUTPUT ${patched}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/bugs/${bug}
    COMMAND patch --quiet --no-backup-if-mismatch --output=${patched} ${PROJECT_SOURCE_DIR}/${source} ${patch_file}
    DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${patch_file} VERBATIM)
  add_executable(phusa_sim_bug_${bug} EXCLUDE_FROM_ALL ${patched} $<TARGET_OBJECTS:phusa_sim_main>)
  set_target_properties(phusa_sim_bug_${bug} PROPERTIES OUTPUT_NAME sim-bugs/${bug})
  # Some production headers are their own room's: a patched copy sees what its room sees.
  target_link_libraries(phusa_sim_bug_${bug} PRIVATE phusa_sim phusa_settings phusa_proto_wire)
  target_compile_options(phusa_sim_bug_${bug} PRIVATE -w)  # a bug may look like one
  target_link_options(phusa_sim_bug_${bug} PRIVATE -s)
  add_dependencies(phusa_sim_bugs phusa_sim_bug_${bug})
endforeach()
# In every build: three bugs, of the totals, the feed and the phone, are caught, and a world that fails is made small.
foreach(bug old-figure-stays cursor-by-maximum sent-is-acknowledged)
  set_target_properties(phusa_sim_bug_${bug} PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME Simulation.ALawCatches.${bug}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/planted $<TARGET_FILE_DIR:phusa_sim_bug_${bug}> 60 ${bug})
  set_tests_properties(Simulation.ALawCatches.${bug} PROPERTIES TIMEOUT 1200)
endforeach()
add_test(NAME Simulation.AWorldThatFailsIsMadeSmall COMMAND phusa_sim_bug_sent-is-acknowledged --shrink 1)
set_tests_properties(Simulation.AWorldThatFailsIsMadeSmall PROPERTIES
  PASS_REGULAR_EXPRESSION "[0-9]+ of [0-9]+ events are enough" TIMEOUT 1200)
# And each patch still fits the code it breaks.
add_test(NAME Simulation.EveryPlantedBugStillApplies
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/planted --check ${CMAKE_CURRENT_SOURCE_DIR}/bugs)
