package garage.layout.assign;

import garage.layout.LayoutHistory;

/** A history whose current version was just computed, and how. */
public record AppliedLayout(LayoutHistory history, AssignmentReport report) {}
