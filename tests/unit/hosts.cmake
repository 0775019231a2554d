# The hosts' pure parts, without the plugin.
if(TARGET inkfield_command_line)
  find_package(nlohmann_json REQUIRED)
  find_package(Poco REQUIRED COMPONENTS Foundation Util)
  find_package(ZLIB REQUIRED)
  inkfield_test(inkfield_hosts_test LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/hosts_confidence_test.cpp ${CMAKE_CURRENT_LIST_DIR}/hosts_csv_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/hosts_evaluation_test.cpp ${CMAKE_CURRENT_LIST_DIR}/hosts_item_lists_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/hosts_idx_test.cpp ${CMAKE_CURRENT_LIST_DIR}/hosts_printing_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/hosts_service_parts_test.cpp ${CMAKE_CURRENT_LIST_DIR}/hosts_watch_folder_test.cpp
    LIBS inkfield_command_line inkfield_watch_folder ZLIB::ZLIB)
endif()
