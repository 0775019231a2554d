# The service's outputs, documents and status, without the plugin.
if(TARGET inkfield_watch_outputs)
  find_package(Poco REQUIRED COMPONENTS Foundation Util Data DataSQLite DataPostgreSQL)
  find_package(nlohmann_json REQUIRED)
  inkfield_test(inkfield_outputs_test LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/outputs_command_test.cpp ${CMAKE_CURRENT_LIST_DIR}/outputs_csv_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/outputs_database_test.cpp
    LIBS inkfield_watch_outputs nlohmann_json::nlohmann_json Poco::DataSQLite Poco::Data Poco::Util Poco::Foundation)
  target_compile_definitions(inkfield_outputs_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Starts a server for each test; skips where PostgreSQL is not installed.
  inkfield_test(inkfield_postgresql_test LABEL faults SOURCES ${CMAKE_CURRENT_LIST_DIR}/outputs_postgresql_test.cpp
    LIBS inkfield_postgresql_server inkfield_watch_outputs)
endif()
if(TARGET inkfield_watch_documents)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(LEPTONICA REQUIRED IMPORTED_TARGET lept)
  inkfield_test(inkfield_documents_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/documents_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/outputs_review_test.cpp
    LIBS inkfield_pdf_files inkfield_watch_documents inkfield_watch_outputs nlohmann_json::nlohmann_json PkgConfig::LEPTONICA)
endif()
if(TARGET inkfield_watch_status)
  find_package(Poco REQUIRED COMPONENTS Foundation Net)
  inkfield_test(inkfield_status_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/status_test.cpp
    LIBS inkfield_watch_status nlohmann_json::nlohmann_json Poco::Net Poco::Foundation)
endif()
