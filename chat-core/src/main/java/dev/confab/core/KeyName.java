package dev.confab.core;

/** What a publish key is unique by. */
record KeyName(Room room, String key) {}
