# SPDX-License-Identifier: Apache-2.0
# The installed library: one archive of all library rooms, the public headers, and a package for
# find_package(marey), which gives the target marey::marey.

include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(marey_objects "")
foreach(room IN LISTS MAREY_LIBRARY_ROOMS)
  get_target_property(type marey_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND marey_objects $<TARGET_OBJECTS:marey_${room}>)
  endif()
endforeach()

if(marey_objects)
  add_library(marey_library STATIC ${marey_objects})
  set_target_properties(marey_library PROPERTIES OUTPUT_NAME marey EXPORT_NAME marey
                                                 LINKER_LANGUAGE CXX)
  target_compile_features(marey_library PUBLIC cxx_std_23)
  target_include_directories(marey_library PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_link_libraries(marey_library PUBLIC fmt::fmt ZLIB::ZLIB Zstd::Zstd Threads::Threads)
  if(marey_sanitizers)
    target_link_options(marey_library INTERFACE "-fsanitize=${marey_sanitizers}")
  endif()
  add_library(marey::marey ALIAS marey_library)

  set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/marey")
  install(TARGETS marey_library EXPORT marey ARCHIVE COMPONENT library)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/marey" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
          COMPONENT library FILES_MATCHING PATTERN "*.h")
  install(EXPORT marey NAMESPACE marey:: FILE mareyTargets.cmake DESTINATION "${package_dir}"
          COMPONENT library)
  configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/mareyConfig.cmake.in"
                                "${PROJECT_BINARY_DIR}/mareyConfig.cmake"
                                INSTALL_DESTINATION "${package_dir}")
  # Before 1.0 a minor version may break what a user wrote.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/mareyConfigVersion.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/mareyConfig.cmake"
                "${PROJECT_BINARY_DIR}/mareyConfigVersion.cmake"
                "${CMAKE_CURRENT_LIST_DIR}/FindZstd.cmake"
          DESTINATION "${package_dir}" COMPONENT library)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/docs/commands.md"
              "${PROJECT_SOURCE_DIR}/docs/defects.md" "${PROJECT_SOURCE_DIR}/docs/report-schema.md"
              "${PROJECT_SOURCE_DIR}/docs/answer-schema.md"
              "${PROJECT_SOURCE_DIR}/docs/report-tables.md" "${PROJECT_SOURCE_DIR}/docs/event-types.md"
        COMPONENT documents DESTINATION "${CMAKE_INSTALL_DOCDIR}")
