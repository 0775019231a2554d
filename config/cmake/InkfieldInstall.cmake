# Where things go under the install prefix. Programs find plugin, models and data relative to themselves.
include(CMakePackageConfigHelpers)

set(inkfield_data_dir ${CMAKE_INSTALL_DATADIR}/inkfield)
install(TARGETS inkfield EXPORT inkfield-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# A private module beside the library, nothing that hosts link with.
if(TARGET inkfield_barcode)
  install(TARGETS inkfield_barcode LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY plugin/include/inkfield DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY config/models/ DESTINATION ${inkfield_data_dir}/models FILES_MATCHING PATTERN "*.onnx" PATTERN "*.md"
  PATTERN history EXCLUDE)
install(DIRECTORY config/templates/ DESTINATION ${inkfield_data_dir}/templates FILES_MATCHING PATTERN "*.json" PATTERN "*.png")
install(DIRECTORY config/schema/ DESTINATION ${inkfield_data_dir}/schema)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(INKFIELD_BUILD_HOSTS)
  file(RELATIVE_PATH inkfield_lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(inkfield-cli inkfieldd PROPERTIES INSTALL_RPATH "$ORIGIN/${inkfield_lib_from_bin}")
  install(TARGETS inkfield-cli inkfieldd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # For systemd: the unit, its user, and a configuration to copy to /etc.
  configure_file(config/packaging/inkfieldd.service.in ${CMAKE_BINARY_DIR}/inkfieldd.service @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/inkfieldd.service DESTINATION lib/systemd/system)
  install(FILES config/packaging/inkfield.sysusers DESTINATION lib/sysusers.d RENAME inkfield.conf)
  install(FILES config/packaging/inkfieldd.properties DESTINATION ${inkfield_data_dir})
endif()

install(EXPORT inkfield-targets NAMESPACE inkfield:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/inkfield)
configure_package_config_file(config/packaging/inkfield-config.cmake.in ${CMAKE_BINARY_DIR}/inkfield-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/inkfield)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/inkfield-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/inkfield-config.cmake ${CMAKE_BINARY_DIR}/inkfield-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/inkfield)
configure_file(config/packaging/inkfield.pc.in ${CMAKE_BINARY_DIR}/inkfield.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/inkfield.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
