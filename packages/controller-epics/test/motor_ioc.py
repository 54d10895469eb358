"""A motor record with switches, jog, home, power, an encoder and faults on demand, as far as clients can tell.

Unlike the simulated record that comes with caproto it answers a put with completion at the end of the motion, keeps
user and dial coordinates, obeys its limits, and has DMOV at 0 before a put is answered.

PREFIXm1, PREFIXm2: motors. PREFIXm1:fault adds bits to MSTA; PREFIXm1:stall is the dial position where it gets stuck.
"""

import asyncio

from caproto import AlarmSeverity, AlarmStatus
from caproto.server import PVGroup, SubGroup, ioc_arg_parser, pvproperty, run

TICK = 0.02
HARD = (-20.0, 20.0)  # dial positions of the limit switches
HOME = 5.0  # dial position of the home switch
PLUS, HOMELS, POSITION, HOMED_AT, ENCODER = 0x4, 0x8, 0x20, 0x80, 0x100
GAIN, COMM, MINUS = 0x800, 0x1000, 0x2000


def index(choice):
    """Of a menu field, whether it was set by number or by word."""
    return choice.value if isinstance(choice.value, int) else choice.enum_strings.index(choice.value)


class Motor(PVGroup):
    motor = pvproperty(value=0.0, name="", record="motor", precision=4)
    fault = pvproperty(value=0, name=":fault")
    stall = pvproperty(value=1e9, name=":stall")
    dial = 0.0
    done = None  # event of the motion in progress
    stopping = False
    stuck = False

    @property
    def fields(self):
        return self.motor.field_inst

    @motor.startup
    async def motor(self, instance, async_lib):
        fields = self.fields
        for field, value in {
            "velocity": 5.0, "base_velocity": 0.5, "max_velocity": 50.0, "seconds_to_velocity": 0.5,
            "jog_velocity": 2.0, "motor_step_size": 0.001, "encoder_step_size": 0.0005, "retry_deadband": 0.002,
            "dial_low_limit": -10.0, "dial_high_limit": 10.0, "user_low_limit": -10.0, "user_high_limit": 10.0,
            "enable_control": 1, "limit_violation": 0,
        }.items():
            await getattr(fields, field).write(value)
        await self.show()

    @property
    def sign(self):
        return -1 if index(self.fields.user_direction) else 1

    async def show(self):
        fields, plus, minus = self.fields, self.dial >= HARD[1], self.dial <= HARD[0]
        at_home = abs(self.dial - HOME) < 0.005
        await fields.dial_readback_value.write(self.dial)
        await fields.user_readback_value.write(self.sign * self.dial + fields.user_offset.value)
        await fields.raw_readback_value.write(round(self.dial / 0.001))
        await fields.raw_encoder_position.write(round((self.dial + 0.01) / 0.0005))
        high, low = (plus, minus) if self.sign > 0 else (minus, plus)
        await fields.user_high_limit_switch.write(int(high))
        await fields.user_low_limit_switch.write(int(low))
        status = GAIN | ENCODER | self.fault.value
        status |= (PLUS if plus else 0) | (MINUS if minus else 0) | (HOMELS | HOMED_AT if at_home else 0)
        status |= POSITION if index(fields.enable_control) else 0
        await fields.motor_status.write(status)

    async def go(self, target, velocity):
        """Moves until there, stopped, stuck or on a limit switch."""
        while self.done:
            await self.done.wait()
        fields = self.fields
        if index(fields.stop_pause_move_go) < 2:
            return
        if not index(fields.enable_control):
            return
        self.done, self.stopping = asyncio.Event(), False
        await fields.done_moving_to_value.write(0)
        await fields.motor_is_moving.write(1)
        try:
            while not self.stopping and self.dial != target:
                await asyncio.sleep(TICK)
                step = max(-velocity * TICK, min(velocity * TICK, target - self.dial))
                stall = self.stall.value
                if (self.dial - stall) * (self.dial + step - stall) <= 0:
                    break
                self.dial = max(HARD[0], min(HARD[1], self.dial + step))
                await self.show()
                if self.dial == HARD[0] and step < 0 or self.dial == HARD[1] and step > 0:
                    break
        finally:
            await self.show()
            await fields.motor_is_moving.write(0)
            await fields.done_moving_to_value.write(1)
            self.done.set()
            self.done = None

    async def take(self, dial):
        """A new dial position: where to go, or what to call where it is."""
        fields = self.fields
        if index(fields.set_use_switch):
            user = fields.user_readback_value.value
            self.dial = dial
            if not index(fields.offset_freeze_switch):
                await fields.user_offset.write(user - self.sign * dial)
            await self.show()
            return
        low, high = fields.dial_low_limit.value, fields.dial_high_limit.value
        beyond = not (low == high == 0) and not low <= dial <= high
        await fields.limit_violation.write(int(beyond))
        if not beyond:
            await self.go(dial, fields.velocity.value)

    @motor.putter
    async def motor(self, instance, value):
        fields = self.fields
        if index(fields.set_use_switch) and not index(fields.offset_freeze_switch):
            await fields.user_offset.write(value - self.sign * self.dial)
            await self.show()
            return value
        await self.take(self.sign * (value - fields.user_offset.value))
        return value

    @fault.putter
    async def fault(self, instance, value):
        async def later():
            await self.show()
            invalid = bool(value & COMM)
            await self.fields.dial_readback_value.alarm.write(
                status=AlarmStatus.COMM if invalid else AlarmStatus.NO_ALARM,
                severity=AlarmSeverity.INVALID_ALARM if invalid else AlarmSeverity.NO_ALARM,
            )

        asyncio.get_running_loop().create_task(later())
        return value


def group_of(fields):
    return fields.parent.group


def on(field):
    return getattr(Motor.motor.fields, field).putter


@on("dial_desired_value")
async def _(fields, instance, value):
    await group_of(fields).take(value)


@on("stop")
async def _(fields, instance, value):
    group_of(fields).stopping = True
    return 0


async def jog(fields, value, direction):
    group = group_of(fields)
    if not value:
        group.stopping = True
    else:
        await group.go(direction * group.sign * 1e6, fields.jog_velocity.value)
    return 0


@on("jog_motor_forward")
async def _(fields, instance, value):
    return await jog(fields, value, 1)


@on("jog_motor_reverse")
async def _(fields, instance, value):
    return await jog(fields, value, -1)


async def home(fields, value, direction):
    group = group_of(fields)
    if value:
        found = (HOME - group.dial) * direction >= 0
        await group.go(HOME if found else direction * 1e6, fields.velocity.value)
    return 0


@on("home_forward")
async def _(fields, instance, value):
    return await home(fields, value, 1)


@on("home_reverse")
async def _(fields, instance, value):
    return await home(fields, value, -1)


@on("enable_control")
async def _(fields, instance, value):
    async def later():
        await group_of(fields).show()

    asyncio.get_running_loop().create_task(later())
    return value


class MotorIoc(PVGroup):
    m1 = SubGroup(Motor, prefix="m1")
    m2 = SubGroup(Motor, prefix="m2")


if __name__ == "__main__":
    ioc_options, run_options = ioc_arg_parser(default_prefix="ioc:", desc=__doc__)
    run(MotorIoc(**ioc_options).pvdb, **run_options)
