find_package(nlohmann_json 3.11 REQUIRED)
inkfield_test(inkfield_config_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/config_corpus.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_json_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_pattern_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_rules_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_schema_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/config_template_test.cpp
  LIBS inkfield_config inkfield_published_schema nlohmann_json::nlohmann_json)
target_compile_definitions(inkfield_config_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
