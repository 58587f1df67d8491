"""What a policy would have put first in a municipality's own months, judged by the months after."""
