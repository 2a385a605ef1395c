"""Fleet sizing: how many equal aircraft a timetable needs, with proof."""
